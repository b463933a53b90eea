internal import FoundationEssentials

/// What a package index answers for one package, in the JSON form of the simple API.
/// Hostile: a file that is not described as it should be is not there.
struct PackageIndex: Decodable {
  static let mediaType = "application/vnd.pypi.simple.v1+json"

  var files: [File]

  struct File: Decodable, Equatable {
    var filename: String
    /// Absolute, or relative to the index's own address.
    var url: String
    var sha256: String?
    var isYanked: Bool
    /// In ISO 8601.
    var uploadTime: String?

    private enum CodingKeys: String, CodingKey {
      case filename, url, hashes, yanked
      case uploadTime = "upload-time"
    }
  }

  /// A wheel to be had.
  struct Choice: Equatable {
    var version: String
    var url: String
    var sha256: String
  }

  private struct Entry: Decodable {
    var file: File?

    init(from decoder: any Decoder) {
      file = try? File(from: decoder)
    }
  }

  private enum CodingKeys: CodingKey { case files }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    files = try container.decode([Entry].self, forKey: .files).compactMap(\.file)
  }

  /// Nil for what is no index of packages.
  static func read(_ bytes: [UInt8]) -> PackageIndex? {
    try? JSONDecoder().decode(PackageIndex.self, from: Data(bytes))
  }

  /// The newest wheel of a final release that is for `platform` and old enough.
  func choose(
    _ package: String, for platform: InstallPlatform, age: ReleaseAge
  ) throws(InstallProblem) -> Choice {
    var newest: (version: ReleaseVersion, text: String, file: File)?
    var refused: Set<ReleaseAge.Verdict> = []
    for file in files where !file.isYanked {
      guard let name = WheelName(file.filename), name.package == Self.normalised(package),
        let version = ReleaseVersion(name.version), name.platforms.contains(where: platform.runs)
      else { continue }
      let verdict = age.verdict(file.uploadTime)
      guard verdict == .oldEnough else {
        refused.insert(verdict)
        continue
      }
      if newest.map({ $0.version < version }) ?? true {
        newest = (version, name.version, file)
      }
    }
    guard let (_, version, file) = newest else {
      throw InstallProblem(Self.nothing(of: package, refused))
    }
    guard let sha256 = file.sha256.flatMap(SHA256Text.init) else {
      throw InstallProblem("the index has no SHA-256 of \(package) \(version)")
    }
    return Choice(version: version, url: file.url, sha256: sha256.text)
  }

  private static func nothing(of package: String, _ refused: Set<ReleaseAge.Verdict>) -> String {
    if refused.contains(.undated) {
      return "the index does not say when \(package) was published, so its age is not known "
        + "(minimum_release_age = 0 takes it anyway)"
    }
    return refused.contains(.tooYoung)
      ? "every release of \(package) is younger than minimum_release_age"
      : "the index has no wheel of \(package) for this machine"
  }

  /// As a wheel's file name has it: runs of `-`, `_` and `.` are one `_`.
  static func normalised(_ package: some StringProtocol) -> String {
    package.split { "-_.".contains($0) }.joined(separator: "_").lowercased()
  }
}

extension PackageIndex.File {
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    filename = try container.decode(String.self, forKey: .filename)
    url = try container.decode(String.self, forKey: .url)
    // Other hashes than this one may be of any form.
    sha256 = try? container.decode([String: String].self, forKey: .hashes)["sha256"]
    uploadTime = try container.decodeIfPresent(String.self, forKey: .uploadTime)
    // A bool, or the reason; whatever else it is, it is not a plain "no".
    let isPresent = try container.contains(.yanked) && !container.decodeNil(forKey: .yanked)
    isYanked = isPresent && (try? container.decode(Bool.self, forKey: .yanked)) != false
  }
}

/// `PACKAGE-VERSION[-BUILD]-PYTHON-ABI-PLATFORMS.whl`.
private struct WheelName {
  var package: String
  var version: String
  var platforms: [Substring]

  init?(_ filename: String) {
    guard filename.hasSuffix(".whl") else { return nil }
    let parts = filename.dropLast(4).split(separator: "-", omittingEmptySubsequences: false)
    guard (5...6).contains(parts.count) else { return nil }
    package = PackageIndex.normalised(parts[0])
    version = String(parts[1])
    platforms = parts[parts.count - 1].split(separator: ".")
  }
}

/// 64 hexadecimal digits, in lower case.
struct SHA256Text {
  var text: String

  init?(_ text: String) {
    guard text.utf8.count == 64, text.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit })
    else { return nil }
    self.text = text.lowercased()
  }
}
