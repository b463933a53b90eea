import AGSLib
import AGSWire
import ArgumentParser
import Glibc

/// The sidecar for URLs, callbacks, relays, forwards and the ssh agent (4-channels). `ags`
/// starts one for each session.
@main
struct AuthProxyProgram: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ags-auth-proxy",
    abstract: "The host's side of a sandbox's URLs, logins, relayed ports and keys.",
    discussion: """
      ags starts it: its configuration comes on standard input, `ready` or an error goes to
      standard output, and it ends when descriptor 3 closes.
      """,
    version: AGSVersion.current)

  func run() async throws {
    // A client that goes away must end its connection, not this program.
    signal(SIGPIPE, SIG_IGN)
    let proxy: AuthProxy
    let lifeline: Lifeline
    let signals = TerminationSignals.caught()
    do {
      lifeline = try Lifeline()
      proxy = try await AuthProxy(
        document: StandardInput.all(limit: AuthProxy.maximumDocument), host: .current())
      try await proxy.start()
    } catch {
      let described = error as? any DescribedError
      let hint = described?.hint.map { "\t\($0)" } ?? ""
      let cause = described?.cause.map { ": \($0)" } ?? ""
      StandardOutput.report("error: \(described?.summary ?? "\(error)")\(cause)\(hint)")
      throw ExitCode.failure
    }
    StandardOutput.report("ready")
    await lifeline.wait(signals: signals)
    await proxy.stop()
  }
}
