import AGSTestSupport
import FoundationEssentials
import Glibc
import SystemPackage

/// A repository and, beside it, the programs of Tests/Fixtures/way-out and a configuration
/// that mounts them and a Python inside. Everything runs in the tests' own network; what is
/// opened goes to headless Chromium there.
struct WayOutFixture: Sendable {
  /// What a page was when headless Chromium had shown it.
  struct Page: Decodable {
    var url: String?
    var title: String?
    var text: String?
    /// Widths.
    var images: [Int]?
    var report: Report?
    var failure: String?

    /// What relayed-app.py found out about itself.
    struct Report: Decodable, Equatable {
      struct Traces: Decodable, Equatable {
        var cookies: String
        var item: String?
      }
      var seen: Traces
      var style: String
      var echo: String
      var events: String?
      var download: Int?
      var upload: String?
      var parallel: Int?
      var reused: Int?
    }
  }

  /// What opens pages.
  enum Opener {
    case chromium
    /// Only writes down what it was to open.
    case recording
  }

  enum Answer { case allow, proxy, deny }

  let sandbox: SandboxFixture
  let folder: FilePath

  /// A display that nothing shows: pages are opened, and no dialog gets in the way.
  static let deadDisplay = ":4242"

  static func with(
    opener: Opener = .recording, configuration: String = "",
    _ body: @escaping @Sendable (WayOutFixture) async throws -> Void
  ) async throws {
    let sandbox = try SandboxFixture().onServiceNetwork
    try await withRepository(sandbox) { path in
      let fixture = WayOutFixture(sandbox: sandbox, folder: path.removingLastComponent())
      try await fixture.prepare(opener, configuration)
      do {
        try await body(fixture)
      } catch {
        try await fixture.endBrowsers()
        throw error
      }
      try await fixture.endBrowsers()
    }
  }

  var project: FilePath { folder.appending("project") }

  func file(_ name: String) -> FilePath { folder.pushing(FilePath(name)) }

  private func prepare(_ opener: Opener, _ configuration: String) async throws {
    let source = FilePath(#filePath).removingLastComponent()
      .pushing("../Fixtures/way-out").lexicallyNormalized().string
    try await sandbox.shell("mkdir way-out", in: folder)
    for name in try FileManager.default.contentsOfDirectory(atPath: source) {
      let text = try String(contentsOfFile: "\(source)/\(name)", encoding: .utf8)
      try await sandbox.write(text, to: file("way-out/\(name)"))
    }
    let shows =
      opener == .chromium
      ? "setsid python3 -I \(folder)/way-out/browser.py \(folder)/pages 40 \"$1\" "
        + ">\(folder)/browser.log 2>&1 </dev/null & echo $! >>\(folder)/browsers" : ""
    try await sandbox.write(
      "#!/bin/sh\nprintf '%s\\n' \"$1\" >>\(folder)/opened\n\(shows)\n",
      to: folder.appending("open"))
    // What makes a program the desktop's browser.
    try await sandbox.shell(
      """
      chmod 755 open way-out/click.sh
      mkdir -p share/applications
      cat >share/applications/made.desktop <<END
      [Desktop Entry]
      Type=Application
      Name=made
      Exec=$PWD/open %u
      END
      cat >share/applications/mimeapps.list <<END
      [Default Applications]
      x-scheme-handler/http=made.desktop
      x-scheme-handler/https=made.desktop
      END
      """, in: folder)
    _ = try await sandbox.configuration(
      """
      [sandbox]
      state_dir = "\(folder)/state"
      \(configuration)
      [[mount]]
      host = "\(folder)/way-out"
      container = "/opt/way-out"
      mode = "ro"
      [[mount]]
      host = "\(sandbox.python)"
      container = "/opt/python"
      mode = "ro"
      """, beside: project)
  }

  private func endBrowsers() async throws {
    for browser in lines(of: "browsers") {
      try await sandbox.shell(
        "kill \(browser) 2>/dev/null || true; while kill -0 \(browser) 2>/dev/null && "
          + "! grep -q '^State:.Z' /proc/\(browser)/status; do sleep 0.05; done")
    }
  }

  /// `ags --agent shell -- -c SCRIPT` in the repository, where `python` runs a program of
  /// the fixture.
  /// - Parameter display: nil for a host without one.
  func call(
    _ script: String, display: String? = deadDisplay, timeLimit: Duration = .seconds(120)
  ) -> ProgramCall {
    sandbox.sandboxCall(
      """
      export PYTHONPATH=/opt/python/site PYTHONDONTWRITEBYTECODE=1
      python() { program=$1; shift; /opt/python/bin/python3 "/opt/way-out/$program.py" "$@"; }
      \(script)
      """, in: project, flags: ["--config", folder.appending("config.toml").string],
      adding: ["DISPLAY": display, "XDG_DATA_DIRS": "\(folder)/share:/usr/share"],
      timeLimit: timeLimit)
  }

  /// Runs a script inside to its end while `body` is the user.
  func run(
    _ script: String, display: String? = deadDisplay, timeLimit: Duration = .seconds(120),
    while body: @Sendable (RunningProgram) async throws -> Void = { _ in }
  ) async throws -> ProgramOutcome {
    try await call(script, display: display, timeLimit: timeLimit).run(while: body)
  }

  /// `ags approvals …` of the same user.
  func approvals(_ arguments: String...) async throws -> ProgramOutcome {
    try await sandbox.call(
      sandbox.programs.appending("ags").string,
      ["approvals"] + arguments + ["--config", file("config.toml").string]
    ).run()
  }

  /// Waits until the session's request of that number is there, and answers it.
  @discardableResult
  func answer(_ number: Int, _ answer: Answer) async throws -> ProgramOutcome {
    try await expectRequest(number)
    let flags = answer == .proxy ? ["--proxy"] : []
    return try await sandbox.call(
      sandbox.programs.appending("ags").string,
      ["approvals", answer == .deny ? "deny" : "allow", "\(number)"] + flags
        + ["--config", file("config.toml").string]
    ).runOrThrow()
  }

  func expectRequest(_ number: Int, within limit: Duration = .seconds(30)) async throws {
    try await eventually(within: limit, "request \(number) waits") {
      try await approvals("list").lines.contains { $0.contains("-\(number) ") }
    }
  }

  /// A program of Tests/Fixtures/way-out on the host.
  func onHost(_ program: String, _ arguments: String...) async throws -> ProgramOutcome {
    try await sandbox.call(
      "python3", ["-I", file("way-out/\(program).py").string] + arguments
    ).run()
  }

  /// What the user's browser was told to open, in order.
  func opened() -> [String] { lines(of: "opened") }

  /// What Chromium showed in the end.
  func pages() async throws -> [Page] {
    try await sandbox.waitForFile(folder.appending("pages"))
    return try JSONDecoder().decode(
      [Page].self, from: Data(contentsOf: URL(filePath: folder.appending("pages").string)))
  }

  /// Names of the audit log's events, in order.
  func events() throws -> [String] {
    struct Line: Decodable { var event: String }
    return try lines(of: "state/audit/events.jsonl").map {
      try JSONDecoder().decode(Line.self, from: Data($0.utf8)).event
    }
  }

  func lines(of name: String) -> [String] {
    // A file that is not there yet has no lines yet.
    let text = try? String(contentsOfFile: file(name).string, encoding: .utf8)
    return (text ?? "").split(separator: "\n").map(String.init)
  }

  /// The proxy of the one session that runs.
  func proxy() throws -> HostProcess {
    let proxies = sandbox.processes().filter {
      $0.commandLine.contains(bytes: Array("/ags-auth-proxy".utf8))
    }
    guard proxies.count == 1 else { throw NeverHappened(what: "one proxy: \(proxies)") }
    return proxies[0]
  }

  /// The most memory a process ever had resident, in KiB.
  func peakMemory(of process: HostProcess) throws -> Int {
    let status = try String(contentsOfFile: "/proc/\(process.processID)/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    guard let value = line?.split(separator: " ").dropLast().last.flatMap({ Int($0) }) else {
      throw NeverHappened(what: "VmHWM in \(status)")
    }
    return value
  }

  /// Ports that something listens on in the tests' network.
  func listeningPorts() async throws -> [Int] {
    try await sandbox.call("ss", ["-Hltn"]).runOrThrow().lines.compactMap {
      $0.split(separator: " ").dropFirst(3).first?.split(separator: ":").last.flatMap { Int($0) }
    }
  }
}
