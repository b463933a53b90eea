/// What the host says over init's control connection (4-channels "relay.sock").
public enum RelayCommand: Equatable, Sendable {
  /// Dial `port` on 127.0.0.1, then ::1, and connect back with `ChannelRequest.stream(id)`.
  /// Refused ports are tried again for `patience` milliseconds.
  case connect(id: String, port: UInt16, patience: Int64)

  public func encoded() -> [UInt8] {
    switch self {
    case .connect(let id, let port, let patience):
      return ChannelFrame.line([
        JSONMember("type", .string("connect")), JSONMember("id", .string(id)),
        JSONMember("port", .integer(Int64(port))), JSONMember("patience", .integer(patience)),
      ])
    }
  }

  public static func decode(_ line: [UInt8]) throws(ChannelFault) -> RelayCommand {
    let json = try ChannelFrame.read(line)
    guard json["type"]?.string == "connect" else {
      throw ChannelFault(.unknownType, "no such command")
    }
    guard let patience = json["patience"]?.integer, (0...60_000).contains(patience) else {
      throw ChannelFault(.badFrame, "patience is missing or out of range")
    }
    return .connect(id: try json.text("id"), port: try json.port("port"), patience: patience)
  }
}

/// What init says over its control connection.
public enum RelayReport: Equatable, Sendable {
  /// Nothing inside took the connection of that id.
  case refused(id: String, message: String)

  public func encoded() -> [UInt8] {
    switch self {
    case .refused(let id, let message):
      return ChannelFrame.line([
        JSONMember("type", .string("refused")), JSONMember("id", .string(id)),
        JSONMember("message", .string(message)),
      ])
    }
  }

  public static func decode(_ line: [UInt8]) throws(ChannelFault) -> RelayReport {
    let json = try ChannelFrame.read(line)
    guard json["type"]?.string == "refused" else {
      throw ChannelFault(.unknownType, "no such report")
    }
    return .refused(id: try json.text("id"), message: try json.text("message"))
  }
}
