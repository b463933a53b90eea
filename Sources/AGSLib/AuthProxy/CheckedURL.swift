internal import AGSWire

/// A web page's address, in the one spelling that every browser understands as we do
/// (4-channels "open.sock", 6-security 2 and 4): what is shown, decided on and opened is
/// `text`, byte for byte. It has nothing but visible ASCII.
struct CheckedURL: Sendable, Hashable {
  enum Scheme: String, Sendable {
    case http, https

    var defaultPort: UInt16 { self == .http ? 80 : 443 }
  }

  let scheme: Scheme
  /// As it stands in the URL: lower case, international names as punycode, an IPv6 address in
  /// brackets.
  let host: String
  let port: UInt16
  /// Begins with `/` and has no dot segments; percent-encoded, as the two below.
  let path: String
  let query: String?
  let fragment: String?

  /// Refuses what is no plain web address, or one that a browser may read in another way.
  init(_ text: String) throws(ChannelFault) {
    guard text.utf8.count <= ChannelFrame.maximumURL else { throw Self.tooLong }
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0...0x1f, 0x7f...0x9f: throw Self.refusal("it has a control character")
      case 0x20: throw Self.refusal("it has a space; write %20")
      case 0x5c: throw Self.refusal("it has a backslash; write %5C")
      default: break
      }
    }
    let (scheme, afterScheme) = try Self.scheme(of: text)
    self.scheme = scheme
    let end = afterScheme.utf8.firstIndex { [0x2f, 0x3f, 0x23].contains($0) }
    let authority = afterScheme[..<(end ?? afterScheme.endIndex)]
    guard !authority.utf8.contains(UInt8(ascii: "@")) else {
      throw Self.refusal("it has a user name or password in it")
    }
    (host, port) = try Self.hostAndPort(authority, scheme)
    var rest = Array(afterScheme[(end ?? afterScheme.endIndex)...].utf8)[...]
    fragment = try Self.cut(&rest, at: "#").map(URLText.encoded)
    query = try Self.cut(&rest, at: "?").map(URLText.encoded)
    path = try URLText.path(rest)
    guard self.text.utf8.count <= ChannelFrame.maximumURL else { throw Self.tooLong }
  }

  /// The whole URL.
  var text: String { auditText + suffix }

  /// Without what may be secret in it: no query, no fragment.
  var auditText: String {
    "\(scheme.rawValue)://\(host)\(port == scheme.defaultPort ? "" : ":\(port)")\(path)"
  }

  /// The page within its origin.
  var page: String { path + suffix }

  private var suffix: String {
    (query.map { "?\($0)" } ?? "") + (fragment.map { "#\($0)" } ?? "")
  }

  /// A name by which a program means the machine it runs on.
  var isLoopback: Bool { ["localhost", "127.0.0.1", "[::1]"].contains(host) }

  var queryItems: [QueryItem] { query.map { QueryItem.list(Array($0.utf8)[...]) } ?? [] }

  private static func scheme(of text: String) throws(ChannelFault) -> (Scheme, Substring) {
    for scheme in [Scheme.http, .https] {
      let prefix = "\(scheme.rawValue)://"
      let start = text.utf8.prefix(prefix.utf8.count)
      guard start.count == prefix.utf8.count,
        zip(start, prefix.utf8).allSatisfy({ $0 == $1 || $0 | 0x20 == $1 && $0 >= 0x41 })
      else { continue }
      return (scheme, text[start.endIndex...])
    }
    throw refusal("only http:// and https:// pages can be opened")
  }

  private static func hostAndPort(
    _ authority: Substring, _ scheme: Scheme
  ) throws(ChannelFault) -> (String, UInt16) {
    let afterAddress = authority.utf8.lastIndex(of: UInt8(ascii: "]")) ?? authority.startIndex
    guard let colon = authority[afterAddress...].utf8.firstIndex(of: UInt8(ascii: ":")) else {
      return (try URLHost.normalized(authority), scheme.defaultPort)
    }
    let digits = authority[authority.utf8.index(after: colon)...]
    guard let port = UInt16(digits), port > 0, "\(port)" == digits else {
      throw refusal("its port is no number from 1 to 65535")
    }
    return (try URLHost.normalized(authority[..<colon]), port)
  }

  /// Takes away what stands behind the first `mark`, and that.
  private static func cut(_ rest: inout ArraySlice<UInt8>, at mark: Unicode.Scalar)
    -> ArraySlice<UInt8>?
  {
    guard let index = rest.firstIndex(of: UInt8(ascii: mark)) else { return nil }
    defer { rest = rest[..<index] }
    return rest[(index + 1)...]
  }

  static let tooLong = ChannelFault(.tooLarge, "the URL is longer than 8 KiB")

  static func refusal(_ why: String) -> ChannelFault {
    ChannelFault(.invalidURL, "the URL is refused: \(why)")
  }
}
