internal import Glibc
internal import SystemPackage

/// The desktop's Secret Service through libsecret, in process: no helper program, one
/// connection however many questions (2-config "Secrets").
///
/// libsecret finds the session bus through the variables of this process, so `host` must
/// be the facts of this process. It is asked first: without a bus in them nothing is
/// tried, so that no bus is started behind the user's back.
///
/// A question takes `limit` at most, 60 s by default, for the case that it waits for the
/// user to unlock the keyring. No thread of the concurrency pool is blocked meanwhile.
public struct LibSecretStore: SecretStore {
  private let hasBus: Bool
  private let limit: Duration
  private let unlocking: Unlocking
  private let client = SecretServiceClient()

  /// For a service that hangs even when told to stop.
  private static let patience = Duration.seconds(2)

  /// What happens when an item that is looked up is locked.
  public enum Unlocking: Sendable {
    /// The desktop's prompt is shown.
    case asksUser
    /// The answer is `.leftLocked`.
    case never
  }

  public init(
    host: Host, limit: Duration = .seconds(60), unlocking: Unlocking = .asksUser
  ) {
    self.unlocking = unlocking
    hasBus = Self.hasSessionBus(host)
    self.limit = limit
  }

  public func lookUp(
    _ attributes: [String: String]
  ) async throws(SecretStoreError) -> Secret? {
    let (client, unlocking) = (client, unlocking)
    return try await bounded { cancellation throws(SecretStoreError) in
      try await client.lookUp(attributes, unlocking, cancellation)
    }
  }

  public func store(
    label: String, attributes: [String: String], secret: Secret
  ) async throws(SecretStoreError) {
    let client = client
    try await bounded { cancellation throws(SecretStoreError) in
      try await client.store(
        label: label, attributes: attributes, secret: secret, cancellation)
    }
  }

  private func bounded<Answer: Sendable>(
    _ question: @escaping @Sendable (Cancellation) async throws(SecretStoreError) -> Answer
  ) async throws(SecretStoreError) -> Answer {
    guard hasBus else { throw .noBus }
    let cancellation = Cancellation()
    let (limit, client) = (limit, client)
    let (answers, answer) = AsyncStream<Result<Answer, SecretStoreError>>.makeStream()
    Task {
      do throws(SecretStoreError) {
        answer.yield(.success(try await question(cancellation)))
      } catch {
        answer.yield(.failure(error))
      }
    }
    let deadline = Task {
      try await Task.sleep(for: limit)
      // Also for a question that waits behind the one that shows the prompt.
      let why = client.isPrompting ? SecretStoreError.unlockTimedOut(limit) : .noAnswer(limit)
      cancellation.cancel(for: why)
      try await Task.sleep(for: Self.patience)
      answer.yield(.failure(.cancelled))
    }
    defer { deadline.cancel() }
    // The stream ends without an answer only if this task was cancelled.
    var first: Result<Answer, SecretStoreError> = .failure(.cancelled)
    await withTaskCancellationHandler {
      for await result in answers {
        first = result
        break
      }
    } onCancel: {
      cancellation.cancel(for: .cancelled)
    }
    if case .failure(.cancelled) = first, let reason = cancellation.reason { throw reason }
    return try first.get()
  }

  private static func hasSessionBus(_ host: Host) -> Bool {
    if let address = host.environment["DBUS_SESSION_BUS_ADDRESS"], !address.isEmpty {
      return address != "disabled:" && !address.hasPrefix("autolaunch:")
    }
    guard let directory = host.absolutePath("XDG_RUNTIME_DIR") else { return false }
    return directory.appending("bus").withPlatformString { access($0, F_OK) == 0 }
  }
}
