/// What a build is busy with.
public enum ImageBuildActivity: Sendable, Equatable {
  /// Pulling this base image.
  case pullingBase(String)
  /// Making a base image from this Debian mirror, or from Debian's own.
  case bootstrappingBase(mirror: String?)
  case building(ImageStage)
  /// Looking into the finished image.
  case checking
  /// The first start with the user's ids, which copies the image once.
  case warming
}

/// One instruction of the Containerfile.
public struct ImageBuildStep: Sendable, Equatable {
  /// From 1, within its stage.
  public var number: Int
  public var count: Int
  /// From 1.
  public var stage: Int
  public var stageCount: Int
  /// The instruction's text, shortened to 200 characters.
  public var instruction: String

  /// How much of the build lies before this step, 0 to 1; every step counts the same.
  public var fraction: Double {
    (Double(stage - 1) + Double(number - 1) / Double(count)) / Double(stageCount)
  }
}

/// What a build tells while it runs. Texts have no control characters.
public enum ImageBuildEvent: Sendable, Equatable {
  case began(ImageBuildActivity)
  case step(ImageBuildStep)
  /// A line that a program wrote.
  case line(String)
  /// Something the finished image will lack, or a detour that was taken.
  case warning(String)
}

/// Reads podman's build output, for showing it only: nothing depends on what it says.
enum ImageBuildOutput {
  /// How `Resources/install-release.sh` reports what it could not get.
  static let warningMark = "ags-warning: "

  static func event(for line: String) -> ImageBuildEvent {
    if line.hasPrefix(warningMark) { return .warning(String(line.dropFirst(warningMark.count))) }
    return step(in: line).map { .step($0) } ?? .line(line)
  }

  /// `[1/2] STEP 3/10: RUN …`, or without the brackets where there is one stage.
  private static func step(in line: String) -> ImageBuildStep? {
    var rest = line[...]
    var stage: (Int, Int) = (1, 1)
    if rest.first == "[", let end = rest.firstIndex(of: "]") {
      guard let pair = pair(rest[rest.index(after: rest.startIndex)..<end]) else { return nil }
      stage = pair
      rest = rest[rest.index(after: end)...].drop { $0 == " " }
    }
    guard rest.hasPrefix("STEP "), let colon = rest.firstIndex(of: ":"),
      let step = pair(rest[..<colon].dropFirst(5))
    else { return nil }
    let words = rest[rest.index(after: colon)...].split(whereSeparator: { $0 == " " })
    return ImageBuildStep(
      number: step.0, count: step.1, stage: stage.0, stageCount: stage.1,
      instruction: String(words.joined(separator: " ").prefix(200)))
  }

  private static func pair(_ text: Substring) -> (Int, Int)? {
    let parts = text.split(separator: "/")
    guard parts.count == 2, let first = Int(parts[0]), let second = Int(parts[1]),
      first >= 1, second >= first
    else { return nil }
    return (first, second)
  }

  /// The line without what would move a terminal's cursor or change its colours.
  static func printable(_ line: String) -> String {
    // A program that redraws its line ends each drawing with a carriage return.
    let last = line.split(separator: "\r").last ?? ""
    return String(
      String.UnicodeScalarView(
        last.unicodeScalars.filter { scalar in
          scalar == "\t" || (scalar.value >= 0x20 && !(0x7f...0x9f).contains(scalar.value))
        }))
  }
}
