/// What `ags approvals` could not do.
public enum ApprovalError: DescribedError, Equatable {
  case nothingPending
  case unknown(String)
  case ambiguous(String, [String])
  case settled(id: String, outcome: String)
  case notOffered(id: String)
  /// No session that could take a redirect.
  case noSession
  /// A session did not take a redirect; why, in its own words.
  case notReplayed(String)
  case silent(session: String)

  public var summary: String {
    switch self {
    case .nothingPending: "no request waits for an answer"
    case .unknown(let id): "there is no request \(id)"
    case .ambiguous(let id, let ids): "\(id) can be \(ids.joined(separator: " or "))"
    case .settled(let id, let outcome): "\(id) is decided already: \(outcome)"
    case .notOffered(let id): "\(id) does not offer this answer"
    case .noSession: "no session runs that could take this address"
    case .notReplayed(let reason): reason
    case .silent(let session): "session \(session) does not answer"
    }
  }

  public var hint: String? {
    switch self {
    case .nothingPending, .settled: "ags approvals watch shows requests as they come"
    case .unknown, .notOffered: "ags approvals list"
    case .ambiguous: "type more of it"
    case .noSession: "start the login again in the sandbox, then paste the new address"
    case .notReplayed: "quote the whole address the browser ended at: ags approvals callback 'URL'"
    case .silent: "is it stopped? fg in its terminal"
    }
  }

  public var exitStatus: ExitStatus { .failure }
}
