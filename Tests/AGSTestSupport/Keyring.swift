internal import AGSLib
internal import FoundationEssentials
internal import Glibc
internal import SystemPackage

/// A real gnome-keyring on a session bus of its own, with its own home directory: as on
/// a desktop, but no user's keyring is touched and tests may run side by side.
public struct Keyring: Sendable {
  /// How it answers when a locked keyring has to be unlocked.
  public enum Prompter: Sendable {
    /// No prompt can be shown, as in a session without a display.
    case missing
    /// A prompt is shown and nobody ever answers it.
    case unanswered
  }

  /// What the Secret Service's side is.
  public enum Service: Sendable {
    case unlocked
    /// Nothing provides the service.
    case missing
    /// The service is started and never answers.
    case silent
  }

  public struct SetUpFailure: Error {
    public let reason: String
  }

  /// The variables of a program that is to use this keyring.
  public let environment: [String: String]
  private let runner = SubprocessRunner()

  /// Starts a keyring, gives it to `body` and removes every trace of it.
  public static func with<Result: Sendable>(
    prompter: Prompter = .missing, service: Service = .unlocked,
    _ body: @Sendable (Keyring) async throws -> Result
  ) async throws -> Result {
    var template = Array("/tmp/ags-keyring-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SetUpFailure(reason: "mkdtemp: \(errno)") }
    let directory = FilePath(platformString: template)
    let keyring = Keyring(directory: directory)
    var silent: [String] = []
    if prompter == .unanswered { silent.append("org.gnome.keyring.SystemPrompter") }
    if service == .silent { silent.append("org.freedesktop.secrets") }
    try keyring.writeBusConfiguration(directory, silent: silent)
    var daemons = [keyring.daemon("dbus-daemon", ["--config-file=\(directory)/bus.conf"])]
    let outcome: Swift.Result<Result, any Error>
    do {
      try await keyring.wait(for: "the session bus") { access("\(directory)/bus", F_OK) == 0 }
      if service == .unlocked {
        daemons.append(
          keyring.daemon(
            "gnome-keyring-daemon", ["--unlock", "--components=secrets", "--foreground"],
            input: "password\n"))
        try await keyring.call(
          "gdbus", ["wait", "--session", "--timeout", "15", "org.freedesktop.secrets"])
      }
      outcome = .success(try await body(keyring))
    } catch {
      outcome = .failure(error)
    }
    for daemon in daemons.reversed() {
      daemon.cancel()
      await daemon.value
    }
    try FileManager.default.removeItem(atPath: directory.string)
    return try outcome.get()
  }

  private init(directory: FilePath) {
    environment = [
      "PATH": "/usr/bin:/bin", "HOME": directory.string, "XDG_RUNTIME_DIR": directory.string,
      "DBUS_SESSION_BUS_ADDRESS": "unix:path=\(directory)/bus",
    ]
  }

  /// Stores `value` under the attribute `service` with `secret-tool`, as a user does.
  public func store(_ value: [UInt8], service: String) async throws {
    try await call("secret-tool", ["store", "--label=ags test", "service", service], input: value)
  }

  /// What `secret-tool` finds.
  public func lookUp(service: String) async throws -> String {
    let result = try await call("secret-tool", ["lookup", "service", service])
    return String(decoding: result.standardOutput, as: UTF8.self)
  }

  /// Locks every item.
  public func lock() async throws {
    try await call(
      "gdbus",
      [
        "call", "--session", "--dest", "org.freedesktop.secrets",
        "--object-path", "/org/freedesktop/secrets",
        "--method", "org.freedesktop.Secret.Service.Lock",
        "['/org/freedesktop/secrets/collection/login']",
      ])
  }

  @discardableResult
  private func call(
    _ program: String, _ arguments: [String], input: [UInt8] = []
  ) async throws -> CommandResult {
    let result = try await runner.run(
      Command(
        executable: FilePath("/usr/bin/\(program)"), arguments: arguments, environment: environment,
        input: input, timeout: .seconds(20)))
    guard result.status.isSuccess else {
      let message = String(decoding: result.standardError, as: UTF8.self)
      throw SetUpFailure(reason: "\(program) \(arguments): \(result.status) \(message)")
    }
    return result
  }

  private func daemon(
    _ program: String, _ arguments: [String], input: String = ""
  ) -> Task<Void, Never> {
    let command = Command(
      executable: FilePath("/usr/bin/\(program)"),
      arguments: program == "dbus-daemon" ? ["--nofork"] + arguments : arguments,
      environment: environment, input: Array(input.utf8))
    return Task {
      do {
        _ = try await runner.stream(command) { _, _ in }
      } catch {
        // Cancelled, which is how it always ends; a failed start shows as a time-out.
      }
    }
  }

  private func wait(for what: String, until condition: () -> Bool) async throws {
    for _ in 0..<500 {
      if condition() { return }
      try await Task.sleep(for: .milliseconds(20))
    }
    throw SetUpFailure(reason: "\(what) did not come up")
  }

  /// Without the system's service directory nothing is started behind the test's back.
  private func writeBusConfiguration(_ directory: FilePath, silent: [String]) throws {
    for name in silent {
      let service = "[D-BUS Service]\nName=\(name)\nExec=/bin/sleep 20\n"
      try Data(service.utf8).write(to: URL(filePath: "\(directory)/\(name).service"))
    }
    let configuration = """
      <busconfig>
        <type>session</type>
        <listen>unix:path=\(directory)/bus</listen>
        <servicedir>\(directory)</servicedir>
        <policy context="default">
          <allow send_destination="*" eavesdrop="true"/>
          <allow eavesdrop="true"/>
          <allow own="*"/>
        </policy>
      </busconfig>
      """
    try Data(configuration.utf8).write(to: URL(filePath: "\(directory)/bus.conf"))
  }
}
