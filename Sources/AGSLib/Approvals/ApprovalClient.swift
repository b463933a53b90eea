internal import AGSWire
internal import SystemPackage

/// The questions of all sessions of this user, asked and answered from another terminal.
public struct ApprovalClient: Sendable {
  /// What the sessions said.
  public struct Listing: Sendable, Equatable {
    public var states: [ApprovalState] = []
    /// Sessions that did not answer in time.
    public var silent: [String] = []
  }

  /// An answer that was taken.
  public struct Answer: Sendable, Equatable {
    public var id: String
    public var decision: ApprovalDecision
    /// The page to open elsewhere: the host of the session has no display.
    public var url: String?
  }

  private let store: SessionStore
  /// How long one session may take.
  var limit = Duration.seconds(2)
  /// The same for a redirect: the agent inside has 5 s to listen, and then answers.
  private let callbackLimit = Duration.seconds(30)

  public init(host: Host, configuration: Configuration) {
    store = SessionStore(host: host, sandbox: configuration.sandbox)
  }

  /// All sessions at once. One without approvals, such as a lockdown, is not among them.
  public func list() async throws -> Listing {
    let sessions = try store.livingAtRest()
    return try await withThrowingTaskGroup(of: (String, Result<ApprovalReply, any Error>).self) {
      group in
      for (name, sockets) in sessions {
        group.addTask {
          (name, await result { try await Self.ask(.list, in: sockets, limit: limit) })
        }
      }
      var listing = Listing()
      for try await (name, result) in group {
        try Task.checkCancellation()
        switch result {
        case .success(.state(let state)): listing.states.append(state)
        case .failure(ApprovalConnection.Problem.absent): break
        case .success, .failure: listing.silent.append(name)
        }
      }
      listing.states.sort { $0.session.id < $1.session.id }
      listing.silent.sort()
      return listing
    }
  }

  /// - Parameters:
  ///   - name: an id, or as much of its end as tells it from the others; a number alone is
  ///     the whole number.
  /// - Throws: `ApprovalError`.
  public func answer(_ name: String, _ decision: ApprovalDecision) async throws -> Answer {
    let id = try Self.pendingID(name, in: await list())
    let session = id.prefix { $0 != "-" }
    guard let (_, sockets) = try store.livingAtRest().first(where: { $0.name == session }) else {
      throw ApprovalError.unknown(id)
    }
    let reply: ApprovalReply
    do {
      reply = try await Self.ask(.answer(id: id, decision: decision), in: sockets, limit: limit)
    } catch ApprovalConnection.Problem.absent {
      throw ApprovalError.unknown(id)
    } catch is ApprovalConnection.Problem {
      throw ApprovalError.silent(session: String(session))
    }
    switch reply {
    case .answered(let id, let decision, let url):
      return Answer(id: id, decision: decision, url: url)
    case .refused(.settled(let outcome)): throw ApprovalError.settled(id: id, outcome: outcome)
    case .refused(.notOffered): throw ApprovalError.notOffered(id: id)
    default: throw ApprovalError.unknown(id)
    }
  }

  /// Hands a redirect that a browser on another machine ended at to the session that waits
  /// for it.
  /// - Returns: what that session says.
  /// - Throws: `ApprovalError`.
  public func callback(_ url: String) async throws -> String {
    // Those that answer at all, so that a stopped one holds nobody up.
    let listing = try await list()
    let names = Set(listing.states.map(\.session.id))
    var problem = listing.silent.first.map { ApprovalError.silent(session: $0) } ?? .noSession
    for (name, sockets) in try store.livingAtRest() where names.contains(name) {
      do {
        switch try await Self.ask(.callback(url: url), in: sockets, limit: callbackLimit) {
        case .done(let text): return text
        case .failure(let error) where error.code == .unavailable:
          // It is another session's; what it says counts if none takes it.
          if case .notReplayed = problem { continue }
          problem = .notReplayed(error.message)
        case .failure(let error): problem = .notReplayed(error.message)
        default: problem = .silent(session: name)
        }
      } catch ApprovalConnection.Problem.absent {
        continue
      } catch is ApprovalConnection.Problem {
        problem = .silent(session: name)
      }
    }
    throw problem
  }

  /// What happens in all sessions, those that start later too, until the task that iterates
  /// is cancelled.
  public func watch() -> AsyncStream<ApprovalEvent> {
    AsyncStream { continuation in
      let watch = ApprovalWatch(store: store) { continuation.yield($0) }
      let task = Task {
        await watch.run()
        continuation.finish()
      }
      continuation.onTermination = { _ in task.cancel() }
    }
  }

  private static func ask(
    _ request: ApprovalRequest, in sockets: FilePath, limit: Duration
  ) async throws -> ApprovalReply {
    var answer = ApprovalReply.waiting
    try await ApprovalConnection.exchange(request, in: sockets, limit: limit) {
      answer = $0
      return .finished
    }
    return answer
  }

  static func pendingID(_ name: String, in listing: Listing) throws(ApprovalError) -> String {
    let pending = listing.states.flatMap(\.pending).map(\.id)
    let found = pending.filter { isMeant($0, by: name) }
    if found.count == 1 || found.contains(name) { return found.count == 1 ? found[0] : name }
    if found.count > 1 { throw .ambiguous(name, found) }
    let settled = listing.states.flatMap(\.settled).last { isMeant($0.id, by: name) }
    if let settled { throw .settled(id: settled.id, outcome: settled.outcome) }
    if let silent = listing.silent.first { throw .silent(session: silent) }
    throw pending.isEmpty ? .nothingPending : .unknown(name)
  }

  private static func isMeant(_ id: String, by name: String) -> Bool {
    if name.isEmpty { return false }
    // 3 is not the end of 13.
    if Int(name) != nil, !name.hasPrefix("-") { return id.hasSuffix("-\(name)") }
    return name.contains("-") && id.hasSuffix(name)
  }
}

private func result<Value: Sendable>(
  _ work: () async throws -> Value
) async -> Result<Value, any Error> {
  do { return .success(try await work()) } catch { return .failure(error) }
}
