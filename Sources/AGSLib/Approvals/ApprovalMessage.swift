internal import AGSWire

/// What is asked of `approvals.sock`, one request a connection. A protocol of the host's own:
/// no version but this one speaks it.
enum ApprovalRequest: Equatable, Sendable {
  /// Answered by one `state`.
  case list
  /// Answered by a `state` now and after each change, and by `notice`s.
  case watch
  /// Answered by `answered` or an error.
  case answer(id: String, decision: ApprovalDecision)
  /// A redirect from a browser on another machine, answered by `done` or an error.
  case callback(url: String)
  /// Another sidecar's question, answered by `waiting` if the user is asked, then by
  /// `decision`. Closing the connection withdraws it.
  case ask(ApprovalQuestion)

  func encoded() -> [UInt8] {
    switch self {
    case .list: ChannelFrame.line([.type("list")])
    case .watch: ChannelFrame.line([.type("watch")])
    case .answer(let id, let decision):
      ChannelFrame.line([
        .type("answer"), JSONMember("id", .string(id)),
        JSONMember("decision", .string(decision.name)),
      ])
    case .callback(let url):
      ChannelFrame.line([.type("callback"), JSONMember("url", .string(url))])
    case .ask(let question):
      ChannelFrame.line([.type("ask"), JSONMember("question", question.json)])
    }
  }

  static func decode(_ line: [UInt8]) throws(ChannelFault) -> ApprovalRequest {
    let json = try ChannelFrame.read(line)
    switch try json.requiredString("type") {
    case "list": return .list
    case "watch": return .watch
    case "answer":
      let decision: ApprovalDecision
      switch try json.requiredString("decision") {
      case "allow": decision = .allow
      case "proxy": decision = .proxy
      case "deny": decision = .deny(.user)
      default: throw ChannelFault(.badFrame, "no such decision")
      }
      return .answer(id: try json.requiredString("id"), decision: decision)
    case "callback": return .callback(url: try json.requiredString("url"))
    case "ask":
      return .ask(try ApprovalQuestion(json: json.required("question")))
    default: throw ChannelFault(.unknownType, "no such type of request")
    }
  }
}

/// What `approvals.sock` says.
enum ApprovalReply: Equatable, Sendable {
  case state(ApprovalState)
  case notice(ApprovalNotice)
  /// The answer was taken. The URL is one the user has to open: there is no display here.
  case answered(id: String, decision: ApprovalDecision, url: String?)
  case refused(AnswerRefusal)
  case waiting
  case decision(ApprovalDecision)
  case done(String)
  case failure(ChannelFault)

  func encoded() -> [UInt8] {
    switch self {
    case .state(let state):
      return ChannelFrame.line([.type("state"), JSONMember("state", state.json)])
    case .notice(let notice):
      return ChannelFrame.line([
        .type("notice"), JSONMember("number", .integer(Int64(notice.number))),
        JSONMember("text", .string(notice.text)),
      ])
    case .answered(let id, let decision, let url):
      let opens = url.map { [JSONMember("url", .string($0))] } ?? []
      return ChannelFrame.line(
        [.type("answered"), JSONMember("id", .string(id))] + decision.members + opens)
    case .refused(let refusal):
      let outcome = refusal.outcome.map { [JSONMember("outcome", .string($0))] } ?? []
      return ChannelFrame.line(
        [.type("refused"), JSONMember("reason", .string(refusal.name))] + outcome)
    case .waiting: return ChannelFrame.line([.type("waiting")])
    case .decision(let decision):
      return ChannelFrame.line([.type("decision")] + decision.members)
    case .done(let text):
      return ChannelFrame.line([.type("done"), JSONMember("text", .string(text))])
    case .failure(let error): return ChannelAnswer.failure(error).encoded()
    }
  }

  static func decode(_ line: [UInt8]) throws(ChannelFault) -> ApprovalReply {
    let json = try ChannelFrame.read(line)
    if json["error"] != nil {
      guard case .failure(let error) = try ChannelAnswer.decode(line) else {
        throw ChannelFault(.badFrame, "no error")
      }
      return .failure(error)
    }
    switch try json.requiredString("type") {
    case "state": return .state(try ApprovalState(json: json.required("state")))
    case "notice":
      return .notice(
        ApprovalNotice(
          number: try json.requiredInteger("number"), text: try json.requiredString("text")))
    case "answered":
      return .answered(
        id: try json.requiredString("id"), decision: try ApprovalDecision(json: json),
        url: json["url"]?.string)
    case "refused": return .refused(try AnswerRefusal(json: json))
    case "waiting": return .waiting
    case "decision": return .decision(try ApprovalDecision(json: json))
    case "done": return .done(try json.requiredString("text"))
    default: throw ChannelFault(.unknownType, "no such type of reply")
    }
  }
}

extension AnswerRefusal {
  fileprivate var name: String {
    switch self {
    case .unknown: "unknown"
    case .settled: "settled"
    case .notOffered: "not_offered"
    }
  }

  fileprivate var outcome: String? {
    if case .settled(let outcome) = self { outcome } else { nil }
  }

  fileprivate init(json: JSONValue) throws(ChannelFault) {
    switch try json.requiredString("reason") {
    case "unknown": self = .unknown
    case "settled": self = .settled(try json.requiredString("outcome"))
    case "not_offered": self = .notOffered
    default: throw ChannelFault(.badFrame, "no such reason")
    }
  }
}
