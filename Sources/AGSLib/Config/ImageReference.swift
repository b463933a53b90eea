/// A name of an image as podman takes it: `[REGISTRY[:PORT]/]NAME[:TAG][@DIGEST]`.
public enum ImageReference {
  /// What podman takes before a colon as another way to get an image than by its name: a
  /// directory or an archive of the host, which a repository may have brought along.
  private static let transports: Set<String> = [
    "atomic", "containers-storage", "dir", "docker", "docker-archive", "docker-daemon", "oci",
    "oci-archive", "ostree", "sif", "tarball",
  ]

  /// `text` when it is an image's name and nothing else.
  /// - Throws: `InvalidValue` for an option, a transport such as `dir:`, and what no name
  ///   can hold.
  public static func checked(_ text: String) throws(InvalidValue) -> String {
    guard text.first?.isLetter == true || text.first?.isNumber == true,
      text.unicodeScalars.allSatisfy({ $0.isASCII && (0x21..<0x7f).contains($0.value) })
    else {
      throw InvalidValue(
        expected: "an image reference", found: text,
        hint: "for example \"localhost/agent-sandbox:latest\"")
    }
    guard let colon = text.firstIndex(of: ":") else { return text }
    // Before a slash a colon can only be followed by a registry's port.
    let rest = text[text.index(after: colon)...]
    let port = rest.prefix { $0 != "/" }
    let isPort = port.count == rest.count || (!port.isEmpty && port.allSatisfy(\.isNumber))
    guard isPort, !transports.contains(text[..<colon].lowercased()) else {
      throw InvalidValue(
        expected: "an image reference without \"\(text[..<colon]):\" in front", found: text,
        hint: "write the image's name: podman load or podman pull gives it one")
    }
    return text
  }
}
