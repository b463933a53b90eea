internal import Glibc
internal import SystemPackage

extension GitTrapScan {
  /// The text of a path, in ASCII only: two names that are composed differently are equal as
  /// `String`s, and one that is not UTF-8 would be another one.
  static func text(_ bytes: [UInt8]) -> String {
    let isPlain = bytes.allSatisfy { $0 < 0x80 && $0 != UInt8(ascii: "%") }
    if isPlain { return String(decoding: bytes, as: UTF8.self) }
    let digits = Array("0123456789ABCDEF".utf8)
    var text: [UInt8] = []
    for byte in bytes {
      if byte < 0x80, byte != UInt8(ascii: "%") {
        text.append(byte)
      } else {
        text += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The way back.
  static func bytes(_ text: String) -> [UInt8] {
    let text = Array(text.utf8)
    var bytes: [UInt8] = []
    var index = 0
    while index < text.count {
      if text[index] == UInt8(ascii: "%"), index + 2 < text.count,
        let byte = UInt8(String(decoding: text[index + 1...index + 2], as: UTF8.self), radix: 16)
      {
        bytes.append(byte)
        index += 3
      } else {
        bytes.append(text[index])
        index += 1
      }
    }
    return bytes
  }

  /// `root` with a path below it, as `text` writes that.
  static func path(_ text: String, below root: FilePath) -> FilePath {
    path(bytes(text), below: root)
  }

  static func path(_ bytes: [UInt8], below root: FilePath) -> FilePath {
    guard !bytes.isEmpty else { return root }
    // At once: one component after the other takes its time where there are thousands.
    let top = root.withPlatformString { Array(UnsafeBufferPointer(start: $0, count: strlen($0))) }
    let rest = [CChar(bitPattern: UInt8(ascii: "/"))] + bytes.map { CChar(bitPattern: $0) } + [0]
    return (top + rest).withUnsafeBufferPointer { FilePath(platformString: $0.baseAddress!) }
  }
}
