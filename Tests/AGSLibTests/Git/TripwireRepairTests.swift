import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// Direct mode: what an agent removed comes back, with the directory it was in.
@Suite struct TripwireRepairTests {
  static let scripts: [String: String] = [
    "replaced by a link": "mv hooks away; ln -s \"$PWD/away\" hooks",
    "replaced by a file": "rm -r hooks; echo x >hooks",
    "replaced by a pipe": "rm -r hooks; mkfifo hooks",
    "removed": "rm -r hooks",
    "closed": "rm hooks/pre-push; chmod 0 hooks",
  ]

  @Test(arguments: scripts.keys.sorted())
  func hooksComeBack(name: String) async throws {
    try await QuarantineFixture.with { fixture in
      let host = fixture.work.appending(".git")
      let hooks = host.appending("hooks")
      try write("#!/bin/sh\necho own\n", to: hooks.appending("pre-push"))
      try write("own\n", to: hooks.appending("lib/functions"))
      let repository = try #require(try Repository.find(from: fixture.work, userID: getuid()))
      try GitTripwire.set(
        session: QuarantineFixture.session, on: repository, roots: [fixture.work],
        in: fixture.state)
      let script = try #require(Self.scripts[name])
      try await fixture.git.shell(script, in: host)
      let directory = GitQuarantine.directory(of: QuarantineFixture.session, in: fixture.state)
      let report = try GitTripwire.check(directory)
      #expect(report.allSatisfy { $0.outcome == .restored }, "\(report)")
      #expect(report.contains { $0.path == "\(hooks)/pre-push" })
      #expect(GitMarker(at: hooks)?.isDirectory == true)
      #expect(try read(hooks.appending("pre-push")) == "#!/bin/sh\necho own\n")
      #expect(try read(hooks.appending("lib/functions")) == "own\n")
    }
  }
}
