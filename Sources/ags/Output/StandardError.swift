import SystemPackage

/// Where everything but data goes (5-commands).
enum StandardError {
  static func write(_ text: String) {
    // Nobody is left to be told when standard error itself is gone.
    _ = try? FileDescriptor.standardError.writeAll(text.utf8)
  }

  static func writeLine(_ text: String) { write("\(text)\n") }
}
