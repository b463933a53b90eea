/// A place that keeps secrets under attributes, such as the desktop's Secret Service.
public protocol SecretStore: Sendable {
  /// The value of one item that has all of `attributes`, or `nil` if there is none.
  /// Items that need no unlocking come first.
  func lookUp(_ attributes: [String: String]) async throws(SecretStoreError) -> Secret?

  /// Stores `secret` in the default collection; an item with exactly these attributes
  /// is replaced. `label` is what the user sees in a password manager.
  func store(
    label: String, attributes: [String: String], secret: Secret
  ) async throws(SecretStoreError)
}

/// Why a secret store gave no answer. "Not there" is an answer and no error.
public enum SecretStoreError: DescribedError, Equatable {
  /// There is no D-Bus session bus to ask on.
  case noBus
  /// The bus runs, but nothing on it provides the Secret Service.
  case noService
  /// The item is locked, and the prompt was dismissed or could not be shown.
  case locked
  /// The item is locked, and whoever asked wanted no prompt.
  case leftLocked
  /// Nobody answered the unlocking prompt in this time.
  case unlockTimedOut(Duration)
  /// The service did not answer in this time.
  case noAnswer(Duration)
  /// The item's value is not UTF-8 text, or has a NUL byte in it.
  case notText
  /// No attributes, or one with a NUL byte: it would match anything.
  case badAttributes
  /// Whoever asked was cancelled.
  case cancelled
  /// The service refused; its own message.
  case failed(String)

  public var summary: String {
    switch self {
    case .noBus: "no D-Bus session bus"
    case .noService: "no Secret Service on the session bus"
    case .locked: "locked; the prompt was dismissed or could not be shown"
    case .leftLocked: "locked; a run asks you to unlock it"
    case .unlockTimedOut(let limit): "locked, and not unlocked within \(limit.inSeconds)"
    case .noAnswer(let limit): "the Secret Service did not answer within \(limit.inSeconds)"
    case .notText: "its value is not text"
    case .badAttributes: "no attributes, or one with a NUL byte"
    case .cancelled: "cancelled"
    case .failed: "the Secret Service refused"
    }
  }

  public var cause: String? {
    if case .failed(let message) = self { message } else { nil }
  }

  public var hint: String? {
    switch self {
    case .noBus: "start ags in a desktop session, or use from_env or command"
    case .noService: "start gnome-keyring, KeePassXC or another Secret Service provider"
    case .locked, .unlockTimedOut: "unlock the keyring, then start again"
    case .leftLocked, .noAnswer, .notText, .badAttributes, .cancelled, .failed: nil
    }
  }

  public var exitStatus: ExitStatus { .failure }
}
