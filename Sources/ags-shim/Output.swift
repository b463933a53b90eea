import CPosix

/// Why the shim gives up, as one line and an exit status. Never holds a secret.
struct Failure: Error {
  /// nil when there is nobody left to read it, or nothing to explain.
  var message: String?
  var status: Int32

  init(_ message: String?, status: Int32 = GuestExitStatus.refused) {
    self.message = message
    self.status = status
  }
}

/// One line on standard error. What does something to a terminal, as a path or the other
/// end's words may, becomes `?`.
func complain(_ message: String, as name: String = "ags-shim") {
  write("\(name): \(inert(message))\n", to: 2)
}

/// Without control characters, those above 0x7F among them, and without what turns the
/// direction of writing.
func inert(_ text: String) -> String {
  var harmless: [UInt8] = []
  for scalar in text.unicodeScalars {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x61C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069:
      harmless.append(UInt8(ascii: "?"))
    default: harmless.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }
  }
  return String(decoding: harmless, as: UTF8.self)
}

func write(_ text: String, to descriptor: Int32) { write(Array(text.utf8), to: descriptor) }

/// Writes all of it, or gives up: there is nowhere to report that to.
func write(_ bytes: [UInt8], to descriptor: Int32) {
  bytes.withUnsafeBytes { buffer in
    guard let start = buffer.baseAddress else { return }
    var written = 0
    while written < buffer.count {
      let count = CPosix.write(descriptor, start + written, buffer.count - written)
      if count < 0 && cposix_errno() == EINTR { continue }
      if count <= 0 { return }
      written += count
    }
  }
}

/// The C library's words for an error number.
func describe(_ error: Int32) -> String {
  guard let text = strerror(error) else { return "error \(error)" }
  return String(cString: text)
}
