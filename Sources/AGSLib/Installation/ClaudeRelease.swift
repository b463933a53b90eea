internal import FoundationEssentials

/// One of Claude Code's own releases, as its manifest says. Hostile.
struct ClaudeRelease: Equatable {
  static let channels = ["latest", "stable"]
  /// The name of the download, below the version's.
  var download: String
  var sha256: String
  /// In ISO 8601.
  var published: String?

  private struct Manifest: Decodable {
    var buildDate: String?
    var platforms: [String: Platform]
  }

  private struct Platform: Decodable {
    var checksum: String?

    private enum CodingKeys: CodingKey { case checksum }

    // One that is not as it should be does not spoil the others.
    init(from decoder: any Decoder) {
      checksum = try? decoder.container(keyedBy: CodingKeys.self)
        .decode(String.self, forKey: .checksum)
    }
  }

  /// What a channel's file says; nil for what is not a version.
  static func version(_ bytes: [UInt8]) -> String? {
    let text = String(decoding: bytes.prefix(100), as: UTF8.self)
      .split(whereSeparator: \.isWhitespace)
    guard text.count == 1, text[0].split(separator: ".").count == 3,
      text[0].utf8.allSatisfy({ $0 == UInt8(ascii: ".") || (48...57).contains($0) }),
      ReleaseVersion(text[0]) != nil
    else { return nil }
    return String(text[0])
  }

  init(
    manifest bytes: [UInt8], version: String, for platform: InstallPlatform
  ) throws(InstallProblem) {
    guard let machine = ["x86_64": "x64", "aarch64": "arm64"][platform.machine] else {
      throw InstallProblem("there is no release for \(platform.machine)")
    }
    guard let library = platform.library else {
      throw InstallProblem("the image's C library is not known")
    }
    let name = "linux-\(machine)" + (library == .glibc ? "" : "-musl")
    guard let manifest = try? JSONDecoder().decode(Manifest.self, from: Data(bytes)) else {
      throw InstallProblem("the manifest of release \(version) makes no sense")
    }
    guard let sha256 = manifest.platforms[name]?.checksum.flatMap(SHA256Text.init) else {
      throw InstallProblem("release \(version) has no download for \(name)")
    }
    download = "\(name)/claude"
    self.sha256 = sha256.text
    published = manifest.buildDate
  }
}
