internal import Synchronization
internal import SystemPackage

/// Something that happened to the questions of one session.
public enum ApprovalEvent: Sendable, Equatable {
  case asked(PendingApproval, by: ApprovalSession)
  case settled(SettledApproval)
  case notice(String, from: ApprovalSession)
}

/// Follows the questions of all sessions of this user.
struct ApprovalWatch: Sendable {
  /// How soon a session that starts is found.
  static let interval = Duration.seconds(1)

  private let store: SessionStore
  private let report: @Sendable (ApprovalEvent) -> Void
  private let followed = Followed()

  init(store: SessionStore, report: @escaping @Sendable (ApprovalEvent) -> Void) {
    self.store = store
    self.report = report
  }

  /// Returns when its task is cancelled.
  func run() async {
    await withDiscardingTaskGroup { group in
      while !Task.isCancelled {
        // Nothing to be read now may be there in a second; `list` says why it is not.
        for (name, sockets) in (try? store.livingAtRest()) ?? [] where followed.begin(name) {
          group.addTask {
            await follow(sockets)
            followed.end(name)
          }
        }
        do {
          try await Task.sleep(for: Self.interval)
        } catch {
          // Cancelled.
          break
        }
      }
      group.cancelAll()
    }
  }

  private func follow(_ sockets: FilePath) async {
    var pending: Set<String> = []
    var session: ApprovalSession?
    do {
      try await ApprovalConnection.exchange(.watch, in: sockets, limit: nil) { reply in
        switch reply {
        case .state(let state):
          session = state.session
          for one in state.settled where pending.remove(one.id) != nil { report(.settled(one)) }
          for one in state.pending where pending.insert(one.id).inserted {
            report(.asked(one, by: state.session))
          }
        case .notice(let notice):
          if let session { report(.notice(notice.text, from: session)) }
        default: break
        }
        return .goesOn
      }
    } catch {
      // It ended, or has no such socket (yet): the next round looks again.
    }
  }
}

/// Sessions somebody is connected to already.
private final class Followed: Sendable {
  private let names = Mutex<Set<String>>([])

  func begin(_ name: String) -> Bool { names.withLock { $0.insert(name).inserted } }
  func end(_ name: String) { names.withLock { _ = $0.remove(name) } }
}
