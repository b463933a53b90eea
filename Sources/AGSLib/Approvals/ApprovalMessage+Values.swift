internal import AGSWire

extension ApprovalQuestion {
  /// As it is on the wire.
  var json: JSONValue {
    var members = [
      JSONMember("kind", .string(kind.rawValue)), JSONMember("subject", .string(subject)),
      JSONMember("notes", .array(notes.map { .string($0) })),
      JSONMember(
        "choices", .array(choices.map(\.rawValue).sorted().map { .string($0) })),
    ]
    if let host { members.append(JSONMember("host", .string(host))) }
    return .object(members)
  }

  init(json: JSONValue) throws(ChannelFault) {
    guard let kind = Kind(rawValue: try json.requiredString("kind")) else {
      throw ChannelFault(.badFrame, "no such kind of question")
    }
    var choices: Set<ApprovalChoice> = []
    for name in try json.strings("choices") {
      guard let choice = ApprovalChoice(rawValue: name) else {
        throw ChannelFault(.badFrame, "no such choice")
      }
      choices.insert(choice)
    }
    self.init(
      kind: kind, subject: try json.requiredString("subject"), host: json["host"]?.string,
      notes: try json.strings("notes"), choices: choices)
  }
}

extension ApprovalDecision {
  var members: [JSONMember] {
    let why = reason.map { [JSONMember("reason", .string($0.rawValue))] } ?? []
    return [JSONMember("decision", .string(name))] + why
  }

  init(json: JSONValue) throws(ChannelFault) {
    switch try json.requiredString("decision") {
    case "allow": self = .allow
    case "proxy": self = .proxy
    case "deny":
      guard let reason = DenialReason(rawValue: try json.requiredString("reason")) else {
        throw ChannelFault(.badFrame, "no such reason")
      }
      self = .deny(reason)
    default: throw ChannelFault(.badFrame, "no such decision")
    }
  }
}

extension ApprovalState {
  var json: JSONValue {
    .object([
      JSONMember("session", .string(session.id)), JSONMember("agent", .string(session.agent)),
      JSONMember("workspace", .string(session.workspace)),
      JSONMember("display", .bool(hasDisplay)),
      JSONMember(
        "pending",
        .array(
          pending.map { one in
            .object([
              JSONMember("id", .string(one.id)),
              JSONMember("seconds", .integer(Int64(one.secondsLeft))),
              JSONMember("question", one.question.json),
            ])
          })),
      JSONMember(
        "settled",
        .array(
          settled.map { one in
            let by = one.answeredBy.map { [JSONMember("by", .string($0))] } ?? []
            return .object([JSONMember("id", .string(one.id))] + one.decision.members + by)
          })),
    ])
  }

  init(json: JSONValue) throws(ChannelFault) {
    session = ApprovalSession(
      id: try json.requiredString("session"), agent: try json.requiredString("agent"),
      workspace: try json.requiredString("workspace"))
    hasDisplay = json["display"]?.bool ?? false
    pending = []
    for one in try json.values("pending") {
      pending.append(
        PendingApproval(
          id: try one.requiredString("id"),
          question: try ApprovalQuestion(json: one.required("question")),
          secondsLeft: try one.requiredInteger("seconds")))
    }
    settled = []
    for one in try json.values("settled") {
      settled.append(
        SettledApproval(
          id: try one.requiredString("id"), decision: try ApprovalDecision(json: one),
          answeredBy: one["by"]?.string))
    }
  }
}

extension JSONMember {
  static func type(_ name: String) -> JSONMember { JSONMember("type", .string(name)) }
}

extension JSONValue {
  func required(_ name: String) throws(ChannelFault) -> JSONValue {
    guard let value = self[name] else { throw ChannelFault(.badFrame, "\(name) is missing") }
    return value
  }

  func requiredString(_ name: String) throws(ChannelFault) -> String {
    guard let text = self[name]?.string else {
      throw ChannelFault(.badFrame, "\(name) is missing or no string")
    }
    return text
  }

  func requiredInteger(_ name: String) throws(ChannelFault) -> Int {
    guard let number = self[name]?.integer, let number = Int(exactly: number) else {
      throw ChannelFault(.badFrame, "\(name) is missing or no integer")
    }
    return number
  }

  func values(_ name: String) throws(ChannelFault) -> [JSONValue] {
    guard let values = self[name]?.array else {
      throw ChannelFault(.badFrame, "\(name) is missing or no array")
    }
    return values
  }

  func strings(_ name: String) throws(ChannelFault) -> [String] {
    var texts: [String] = []
    for value in try values(name) {
      guard let text = value.string else {
        throw ChannelFault(.badFrame, "\(name) holds something other than strings")
      }
      texts.append(text)
    }
    return texts
  }
}
