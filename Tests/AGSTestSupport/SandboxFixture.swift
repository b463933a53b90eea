import FoundationEssentials
import Glibc
public import SystemPackage

/// `make e2e` was not what started the tests.
public struct MissingTestEnvironment: Error, CustomStringConvertible {
  public var variable: String
  public init(variable: String) { self.variable = variable }
  public var description: String {
    """
    \(variable) is not set: these tests need rootless podman, images and a keyring of their \
    own. Run `make e2e`, or `scripts/test-env swift test --filter EndToEndTests`
    """
  }
}

/// The real environment that scripts/test-env made: who runs `ags`, where, and with which
/// images. One value a test; what tests make goes into directories of their own.
public struct SandboxFixture: Sendable {
  /// Whom the programs run as.
  public enum Identity: Sendable, Equatable {
    /// The user the tests run as.
    case ourselves
    /// The throwaway user made by test-env, because the tests run as root.
    case user(id: UInt32)
  }

  /// Everything of this environment is below it.
  public var root: FilePath
  /// The built programs.
  public var programs: FilePath
  public var home: FilePath
  public var runtime: FilePath
  public var identity: Identity
  /// The default image of `ags`.
  public var image: String
  /// An image of nothing but a static busybox.
  public var busyboxImage: String
  /// A Python for inside, to be mounted at /opt/python, with libraries in `site`.
  public var python: FilePath
  /// What a program of this user gets.
  public var environment: [String: String]
  /// An address of "the host" that containers reach as `host.containers.internal`: tests
  /// serve on it, in programs of `onServiceNetwork`.
  public var serviceAddress: String
  /// The namespace that address is in; nil when it is the machine's own.
  private var serviceNetwork: FilePath?
  /// The namespace programs are started in; nil for the machine's own.
  private var network: FilePath?
  /// Where root's own podman of this environment keeps everything; nil when the tests do
  /// not run as root.
  private var rootful: FilePath?

  public init() throws(MissingTestEnvironment) {
    let variables = ProcessInfo.processInfo.environment
    func required(_ name: String) throws(MissingTestEnvironment) -> String {
      guard let value = variables[name] else { throw MissingTestEnvironment(variable: name) }
      return value
    }
    root = FilePath(try required("AGS_E2E_ROOT"))
    programs = FilePath(try required("AGS_E2E_BIN"))
    home = FilePath(try required("AGS_E2E_HOME"))
    runtime = FilePath(try required("AGS_E2E_RUNTIME"))
    image = try required("AGS_E2E_IMAGE")
    busyboxImage = try required("AGS_E2E_BUSYBOX_IMAGE")
    python = FilePath(try required("AGS_E2E_PYTHON"))
    let rootful = try required("AGS_E2E_ROOTFUL")
    self.rootful = rootful.isEmpty ? nil : FilePath(rootful)
    serviceAddress = try required("AGS_E2E_SERVICE_ADDRESS")
    let network = try required("AGS_E2E_NETWORK")
    serviceNetwork = network.isEmpty ? nil : FilePath(network)
    let user = try required("AGS_E2E_USER")
    let userID = UInt32(try required("AGS_E2E_UID")) ?? getuid()
    identity = user.isEmpty ? .ourselves : .user(id: userID)
    environment = [
      "HOME": home.string, "XDG_RUNTIME_DIR": runtime.string, "LANG": "C.UTF-8",
      "USER": try required("AGS_E2E_LOGIN"),
      "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
      "DBUS_SESSION_BUS_ADDRESS": "unix:path=\(runtime)/bus",
    ]
  }

  /// The same environment for programs that run as root with root's own podman. Only who
  /// may be root can test what root sees: nil when the tests run as a user.
  public var asRoot: SandboxFixture? {
    guard let rootful else { return nil }
    var fixture = self
    fixture.identity = .ourselves
    fixture.home = rootful.appending("home")
    fixture.runtime = rootful.appending("runtime")
    fixture.environment["HOME"] = fixture.home.string
    fixture.environment["USER"] = "root"
    fixture.environment["XDG_RUNTIME_DIR"] = nil
    fixture.environment["CONTAINERS_CONF"] = rootful.appending("containers.conf").string
    fixture.environment["CONTAINERS_STORAGE_CONF"] = rootful.appending("storage.conf").string
    return fixture
  }

  /// The same environment in a network of its own, whose only address is
  /// `serviceAddress`: nothing outside is reached.
  public var onServiceNetwork: SandboxFixture {
    var fixture = self
    fixture.network = serviceNetwork
    return fixture
  }

  /// The uid the programs run with.
  public var userID: UInt32 {
    switch identity {
    case .ourselves: getuid()
    case .user(let id): id
    }
  }

  /// A call of any program, by name on the fixture's PATH or by path, as the user.
  public func call(
    _ program: String, _ arguments: [String] = [], in directory: FilePath? = nil,
    input: String = "", adding variables: [String: String?] = [:],
    timeLimit: Duration = .seconds(120)
  ) -> ProgramCall {
    // Each of these replaces itself by the next, so the process id is the program's own.
    let environment = self.environment.merging(variables.compactMapValues { $0 }) { $1 }
      .filter { variables[$0.key] != .some(nil) }
    var argv: [String] = []
    if let network { argv += ["/usr/bin/nsenter", "--net=\(network)", "--"] }
    if case .user(let id) = identity {
      argv += ["/usr/bin/setpriv", "--reuid=\(id)", "--regid=\(id)", "--init-groups", "--"]
    }
    argv += ["/usr/bin/env", "--", program] + arguments
    var call = ProgramCall(
      program: FilePath(argv[0]), arguments: Array(argv.dropFirst()), environment: environment,
      directory: directory ?? root.appending("work"))
    call.input = .text(input)
    call.timeLimit = timeLimit
    return call
  }

  /// `ags` with these arguments, run to its end.
  public func ags(
    _ arguments: String..., in directory: FilePath? = nil, input: String = "",
    adding variables: [String: String?] = [:], timeLimit: Duration = .seconds(120),
    while body: @Sendable (RunningProgram) async throws -> Void = { _ in }
  ) async throws -> ProgramOutcome {
    try await call(
      programs.appending("ags").string, arguments, in: directory, input: input,
      adding: variables, timeLimit: timeLimit
    ).run(while: body)
  }

  /// `podman` of the same user, for looking at what `ags` made.
  public func podman(_ arguments: String...) async throws -> ProgramOutcome {
    try await call("podman", arguments).run()
  }

  /// A shell script run as the user, outside any sandbox. Its failure is the test's.
  @discardableResult
  public func shell(
    _ script: String, in directory: FilePath? = nil
  ) async throws -> ProgramOutcome {
    let outcome = try await call("/bin/bash", ["-euc", script], in: directory).run()
    guard outcome.status == 0 else { throw FailedPreparation(script: script, outcome: outcome) }
    return outcome
  }
}

/// A step that a test took for granted did not work.
public struct FailedPreparation: Error, CustomStringConvertible {
  public var script: String
  public var outcome: ProgramOutcome
  public var description: String { "\(script)\n\(outcome)" }
}
