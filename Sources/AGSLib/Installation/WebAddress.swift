internal import FoundationEssentials

/// The address of a registry or of a file on it. A user and a password that it had in it
/// are kept apart, so that the rest can be shown.
struct WebAddress: CustomStringConvertible, Equatable {
  /// Without user and password.
  let description: String
  /// `user:password`, percent-encoded as the address had it.
  private(set) var login: String?

  /// Nil for what is not an address of the web. All of it is ASCII that means nothing to
  /// curl's configuration: no quotes, no backslash, no control characters.
  init?(_ text: String) {
    guard Self.isPlain(text), var parts = URLComponents(string: text), parts.host?.isEmpty == false,
      ["http", "https"].contains(parts.scheme?.lowercased())
    else { return nil }
    login = parts.percentEncodedUser.map { "\($0):\(parts.percentEncodedPassword ?? "")" }
    parts.percentEncodedUser = nil
    parts.percentEncodedPassword = nil
    parts.fragment = nil
    guard let plain = parts.string, plain.contains("://") else { return nil }
    description = plain
  }

  private static func isPlain(_ text: String) -> Bool {
    text.utf8.count <= 4096
      && text.utf8.allSatisfy {
        (0x21...0x7e).contains($0) && !"\"\\<>^`{|}".utf8.contains($0)
      }
  }

  /// What is at `path` below it.
  func appending(_ path: String) -> WebAddress? {
    var base = description[...]
    while base.hasSuffix("/") { base.removeLast() }
    return resolving("\(base)/\(path)")
  }

  /// Where a link leads that stands at this address. The user and password go with it to
  /// the same origin only.
  func resolving(_ link: String) -> WebAddress? {
    // As it is: what is not written as it should be would be escaped here.
    guard Self.isPlain(link), let base = URL(string: description),
      let target = URL(string: link, relativeTo: base)?.absoluteString,
      var address = WebAddress(target)
    else { return nil }
    if address.login == nil, address.origin == origin { address.login = login }
    return address
  }

  private var origin: [String] {
    let parts = URLComponents(string: description)
    return [
      parts?.scheme ?? "", parts?.host ?? "", parts?.port.map { "\($0)" } ?? "",
    ].map { $0.lowercased() }
  }

  /// With everything in it: never for a command line or a message.
  var secretText: String {
    guard let login, let start = description.firstRange(of: "://") else { return description }
    return description[..<start.upperBound] + login + "@" + description[start.upperBound...]
  }
}
