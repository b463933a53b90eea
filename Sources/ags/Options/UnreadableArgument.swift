import AGSLib

/// An argument that is no text: taken as text it would name another file.
struct UnreadableArgument: DescribedError {
  var text: String
  var summary: String { "the argument \(text) is not valid UTF-8" }
  var hint: String? { "rename what it names" }
  var exitStatus: ExitStatus { .usage }

  static func check() throws {
    for index in 0..<Int(CommandLine.argc) {
      guard let bytes = CommandLine.unsafeArgv[index],
        String(validatingCString: bytes) == nil
      else { continue }
      throw UnreadableArgument(text: String(cString: bytes))
    }
  }
}
