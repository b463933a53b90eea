internal import AGSWire

/// The head of an HTTP/1 request (RFC 9112), read strictly: what two servers could understand
/// in two ways is none. All there is to know of it is who is meant and what is asked for.
struct RequestHead: Sendable, Equatable {
  /// Everything up to the empty line, it included, in bytes.
  static let maximumSize = 64 << 10

  let path: [UInt8]
  /// Without its `?`; empty if there is none.
  let query: [UInt8]
  /// The value of the only Host header.
  let host: String

  /// - Parameter bytes: with the empty line at its end.
  init?(_ bytes: some Collection<UInt8>) {
    var lines = Self.lines(of: Array(bytes)[...])[...]
    guard let first = lines.popFirst(), lines.popLast()?.isEmpty == true,
      let target = Self.target(of: first)
    else { return nil }
    var hosts: [ArraySlice<UInt8>] = []
    for line in lines {
      guard let (name, value) = Self.header(line) else { return nil }
      if String(decoding: name, as: UTF8.self).lowercased() == "host" { hosts.append(value) }
    }
    guard hosts.count == 1 else { return nil }
    host = String(decoding: hosts[0], as: UTF8.self).lowercased()
    let mark = target.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
    path = Array(target[..<mark])
    query = Array(target[mark...].dropFirst())
  }

  /// Whether it is meant for this machine and this port, under a name that no page of another
  /// site can have: such a page's own name may lead here, too.
  func isLocal(port: UInt16) -> Bool {
    ["localhost", "127.0.0.1", "[::1]"].contains { host == "\($0):\(port)" || host == $0 }
  }

  /// Nothing if a line ends in another way than by CR LF; the last one is what follows the
  /// last line end.
  private static func lines(of bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var start = bytes.startIndex
    for index in bytes.indices where bytes[index] == 0x0A {
      guard index > start, bytes[index - 1] == 0x0D else { return [] }
      lines.append(bytes[start..<(index - 1)])
      start = index + 1
    }
    return start == bytes.endIndex ? lines : []
  }

  /// Of `GET /path?query HTTP/1.1`.
  private static func target(of line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    let words = line.split(separator: 0x20, omittingEmptySubsequences: false)
    guard words.count == 3, isToken(words[0]), words[0].count <= 32,
      words[1].first == UInt8(ascii: "/"), words[1].allSatisfy({ (0x21..<0x7f).contains($0) }),
      !words[1].contains(UInt8(ascii: "#")),
      words[2].elementsEqual("HTTP/1.1".utf8) || words[2].elementsEqual("HTTP/1.0".utf8)
    else { return nil }
    return words[1]
  }

  private static func header(_ line: ArraySlice<UInt8>)
    -> (name: ArraySlice<UInt8>, value: ArraySlice<UInt8>)?
  {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), isToken(line[..<colon]) else {
      return nil
    }
    var value = line[(colon + 1)...]
    guard value.allSatisfy({ $0 == 0x09 || $0 >= 0x20 && $0 != 0x7f }) else { return nil }
    while let byte = value.first, byte == 0x20 || byte == 0x09 { value.removeFirst() }
    while let byte = value.last, byte == 0x20 || byte == 0x09 { value.removeLast() }
    return (line[..<colon], value)
  }

  private static func isToken(_ bytes: ArraySlice<UInt8>) -> Bool {
    !bytes.isEmpty && bytes.allSatisfy(tokenBytes.contains)
  }

  private static let tokenBytes = Set(
    "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
}

/// A request head that comes in pieces.
struct HeadBuffer {
  private(set) var bytes: [UInt8] = []
  private var searched = 0

  /// The length of the head, its empty line included, when it is whole. What follows is its
  /// request's body, or another request.
  mutating func append(_ more: some Collection<UInt8>) -> Int? {
    bytes += more
    // An end may begin in what was searched already.
    var index = max(searched - 3, 0)
    while index + 4 <= bytes.count {
      if bytes[index] == 0x0D, bytes[index + 1] == 0x0A, bytes[index + 2] == 0x0D,
        bytes[index + 3] == 0x0A
      {
        return index + 4
      }
      index += 1
    }
    searched = bytes.count
    return nil
  }
}
