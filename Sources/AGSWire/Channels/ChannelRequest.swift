/// The first line of a connection to `open.sock` or `relay.sock` (4-channels).
public enum ChannelRequest: Equatable, Sendable {
  /// `open.sock`: shows a page to the user. Answers: any number of `waiting`, then `done` or
  /// an error.
  case open(url: String)
  /// `open.sock`: something to be remembered, a refusal of the guard. Answered by `done`.
  case audit(event: String, text: String)
  /// `relay.sock`: makes a port of the sandbox reachable for the user's browser, until the
  /// session ends. Answered by `registered`.
  case register(port: UInt16, base: String)
  /// `relay.sock`: init's one connection, over which `RelayCommand`s come.
  case control
  /// `relay.sock`: the stream a `RelayCommand.connect` asked for. After `done` both sides
  /// carry raw bytes.
  case stream(id: String)
  /// `relay.sock`: a stream to the host port that a forward of that port names. After `done`
  /// both sides carry raw bytes.
  case forward(port: UInt16)

  /// As a line, newline included.
  public func encoded() -> [UInt8] {
    switch self {
    case .open(let url):
      return ChannelFrame.line([
        JSONMember("type", .string("open")), JSONMember("url", .string(url)),
      ])
    case .audit(let event, let text):
      return ChannelFrame.line([
        JSONMember("type", .string("audit")), JSONMember("event", .string(event)),
        JSONMember("text", .string(text)),
      ])
    case .register(let port, let base):
      return ChannelFrame.line([
        JSONMember("type", .string("register")), JSONMember("port", .integer(Int64(port))),
        JSONMember("base", .string(base)),
      ])
    case .control:
      return ChannelFrame.line([JSONMember("type", .string("control"))])
    case .stream(let id):
      return ChannelFrame.line([
        JSONMember("type", .string("stream")), JSONMember("id", .string(id)),
      ])
    case .forward(let port):
      return ChannelFrame.line([
        JSONMember("type", .string("forward")), JSONMember("port", .integer(Int64(port))),
      ])
    }
  }

  /// Reads a line without its newline. Members it does not know are errors.
  public static func decode(_ line: [UInt8]) throws(ChannelFault) -> ChannelRequest {
    let json = try ChannelFrame.read(line)
    guard let type = json["type"]?.string else { throw ChannelFault(.badFrame, "no type") }
    let request: ChannelRequest
    let members: Int
    switch type {
    case "open":
      (request, members) = (.open(url: try json.text("url")), 3)
    case "audit":
      (request, members) = (
        .audit(event: try json.text("event"), text: try json.text("text")), 4
      )
    case "register":
      (request, members) = (
        .register(port: try json.port("port"), base: try json.text("base")), 4
      )
    case "control": (request, members) = (.control, 2)
    case "stream": (request, members) = (.stream(id: try json.text("id")), 3)
    case "forward": (request, members) = (.forward(port: try json.port("port")), 3)
    default: throw ChannelFault(.unknownType, "no such type of request")
    }
    guard json.members?.count == members else {
      throw ChannelFault(.badFrame, "a member that does not belong here")
    }
    return request
  }
}

extension JSONValue {
  func text(_ name: String) throws(ChannelFault) -> String {
    guard let text = self[name]?.string else {
      throw ChannelFault(.badFrame, "\(name) is missing or no string")
    }
    return text
  }

  func port(_ name: String) throws(ChannelFault) -> UInt16 {
    guard let number = self[name]?.integer, let port = UInt16(exactly: number), port > 0 else {
      throw ChannelFault(.badFrame, "\(name) is missing or no port")
    }
    return port
  }
}
