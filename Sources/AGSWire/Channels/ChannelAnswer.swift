/// What the host says to a `ChannelRequest`.
public enum ChannelAnswer: Equatable, Sendable {
  /// Carried out. After a request for a stream raw bytes follow.
  case done
  /// The user is being asked: a line to show; the real answer follows.
  case waiting(String)
  /// Where the user's browser finds a relayed port.
  case registered(url: String)
  /// The connection is closed after it.
  case failure(ChannelFault)

  /// As a line, newline included.
  public func encoded() -> [UInt8] {
    switch self {
    case .done: return ChannelFrame.line([JSONMember("type", .string("done"))])
    case .waiting(let text):
      return ChannelFrame.line([
        JSONMember("type", .string("waiting")), JSONMember("message", .string(text)),
      ])
    case .registered(let url):
      return ChannelFrame.line([
        JSONMember("type", .string("registered")), JSONMember("url", .string(url)),
      ])
    case .failure(let error):
      return ChannelFrame.line([
        JSONMember(
          "error",
          .object([
            JSONMember("code", .string(error.code.rawValue)),
            JSONMember("message", .string(error.message)),
          ]))
      ])
    }
  }

  /// Reads a line without its newline.
  public static func decode(_ line: [UInt8]) throws(ChannelFault) -> ChannelAnswer {
    let json = try ChannelFrame.read(line)
    if let error = json["error"] {
      let message = try error.text("message")
      // A code of a later version says nothing to this one; its message still does.
      let code = ChannelFault.Code(rawValue: try error.text("code")) ?? .failed
      return .failure(ChannelFault(code, message))
    }
    switch json["type"]?.string {
    case "done": return .done
    case "waiting": return .waiting(try json.text("message"))
    case "registered": return .registered(url: try json.text("url"))
    default: throw ChannelFault(.unknownType, "no such type of answer")
    }
  }
}
