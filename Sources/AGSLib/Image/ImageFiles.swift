internal import FoundationEssentials
internal import SystemPackage

/// The files an image is made of: the embedded ones, or the user's in their place.
struct ImageFiles: Sendable {
  var containerfile: [UInt8]
  var tmuxConfiguration: [UInt8]
  var installScript: [UInt8]
  /// The user's file, if it is one.
  var source: FilePath?

  /// - Parameter path: the user's Containerfile; a `tmux.conf` beside it is used too.
  ///   Where neither exists the embedded one is used.
  init(containerfile path: FilePath?) throws(ImageError) {
    containerfile = PackageResources.Containerfile
    tmuxConfiguration = PackageResources.tmux_conf
    installScript = PackageResources.install_release_sh
    guard let path else { return }
    if let own = try Self.existing(path) {
      containerfile = own
      source = path
    }
    let configuration = path.removingLastComponent().appending("tmux.conf")
    if let own = try Self.existing(configuration) { tmuxConfiguration = own }
  }

  /// What the `ARG BASE_IMAGE=` line says; `nil` where there is none.
  var defaultBase: String? {
    for words in instructions where words.count >= 2 && words[0].uppercased() == "ARG" {
      let pair = words[1].split(separator: "=", maxSplits: 1)
      if pair.count == 2, pair[0] == "BASE_IMAGE" {
        return pair[1].trimmingCharacters { $0 == "\"" || $0 == "'" }
      }
    }
    return nil
  }

  /// There is a `FROM … AS name`.
  func hasStage(_ name: String) -> Bool {
    instructions.contains { words in
      words.count >= 4 && words[0].uppercased() == "FROM"
        && words[words.count - 2].uppercased() == "AS" && words[words.count - 1] == name
    }
  }

  /// Twelve digits that change with any of the files.
  var version: String {
    // A length before each file, so that moving text between two of them shows.
    let parts = [containerfile, tmuxConfiguration, installScript].flatMap { part in
      Array("\(part.count):".utf8) + part
    }
    return String(Digest.sha256(parts).prefix(12))
  }

  private var instructions: [[Substring]] {
    String(decoding: containerfile, as: UTF8.self).split(separator: "\n").map {
      $0.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" })
    }
  }

  private static func existing(_ path: FilePath) throws(ImageError) -> [UInt8]? {
    do {
      return try read(path)
    } catch Errno.noSuchFileOrDirectory {
      return nil
    } catch {
      throw .containerfileUnreadable(path, reason: "\(error)")
    }
  }

  /// The whole file, at most 16 MiB of it.
  static func read(_ path: FilePath) throws -> [UInt8] {
    let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
    return try file.closeAfter {
      var bytes: [UInt8] = []
      var chunk = [UInt8](repeating: 0, count: 1 << 16)
      while bytes.count < 16 << 20 {
        let count = try chunk.withUnsafeMutableBytes { try file.read(into: $0) }
        if count == 0 { break }
        bytes += chunk[..<count]
      }
      return bytes
    }
  }

  /// The host's bundle of certificate authorities, which downloads during the build
  /// trust. It does not get into the image.
  static func certificates(of host: Host) -> FilePath? {
    let known: [FilePath] = [
      "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
      "/etc/ssl/ca-bundle.pem",
    ]
    let candidates = [host.absolutePath("SSL_CERT_FILE")].compactMap { $0 } + known
    return candidates.first { FileManager.default.isReadableFile(atPath: $0.string) }
  }
}

extension Substring {
  fileprivate func trimmingCharacters(where isTrimmed: (Character) -> Bool) -> String {
    var rest = self
    while let first = rest.first, isTrimmed(first) { rest.removeFirst() }
    while let last = rest.last, isTrimmed(last) { rest.removeLast() }
    return String(rest)
  }
}
