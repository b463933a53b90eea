import AGSTestSupport
import Glibc
import SystemPackage

extension WayOutFixture {
  /// The authorization server's bases: of the page, on loopback, and of the token endpoint.
  struct Server: Sendable {
    var page: String
    var token: String
  }

  /// Runs authorization-server.py while `body` does.
  func withServer(_ body: @escaping @Sendable (Server) async throws -> Void) async throws {
    let server = sandbox.call(
      "python3",
      [
        "-I", file("way-out/authorization-server.py").string, sandbox.serviceAddress,
        folder.string,
      ], timeLimit: .seconds(300))
    _ = try await server.run { program in
      try await sandbox.waitForFile(folder.appending("server"))
      let bases = lines(of: "server")
      try await body(Server(page: bases[0], token: bases[1]))
      program.send(SIGKILL)
    }
  }

  /// login-client.py inside.
  /// - Parameter patience: how long it waits for the answer, in seconds.
  func logIn(
    _ server: Server, address: String = "127.0.0.1", name: String = "127.0.0.1", port: Int = 0,
    user hint: String = "", display: String? = deadDisplay, patience: Int = 60,
    while body: @Sendable (RunningProgram) async throws -> Void
  ) async throws -> ProgramOutcome {
    try await run(
      "PATIENCE=\(patience) python login-client \(server.page) \(server.token) "
        + "\(address) \(name) \(port) \(hint)", display: display, while: body)
  }

  /// Where the answer of the login that is under way belongs, and its state: only the user's
  /// browser knows that.
  func loginUnderWay() async throws -> (redirect: String, state: String) {
    try await eventually("the login page was shown") {
      lines(of: "server.log").contains { $0.hasPrefix("authorize") }
    }
    let words = lines(of: "server.log")[0].split(separator: " ").map(String.init)
    return (words[1], words[2])
  }
}
