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

/// One line on standard error. Control characters, which a path may hold, become `?`.
func complain(_ message: String, as name: String = "ags-shim") {
  var line = Array("\(name): ".utf8)
  for byte in message.utf8 {
    line.append(byte < 0x20 || byte == 0x7F ? UInt8(ascii: "?") : byte)
  }
  line.append(0x0A)
  write(line, to: 2)
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
