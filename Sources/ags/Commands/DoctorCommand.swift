import AGSLib
import ArgumentParser
import Glibc
import SystemPackage

/// `ags doctor` (5-commands).
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check everything a run depends on, and say what to do about it.",
    discussion: """
      Changes nothing and shows no secret's value. Exit status 1 when a check fails;
      warnings do not count.

      Example: ags doctor --json
      """)

  @Flag(help: "Print an array of objects with id, status, summary and hint.")
  var json = false

  @Option(help: "Read this file instead of ~/.config/ags/config.toml.")
  var config: String?

  func run() async throws {
    let current = try Host.current()
    // The same programs as a run takes; the doctor itself reads the configuration.
    let host = current.withTrustedSearchPath(Configuration(home: current.home))
    let progress = Progress(style: ProgressStyle(environment: host.environment))
    if progress.style.isTerminal { progress.begin("looking at this machine") }
    let doctor = Doctor(host: host, baseOverride: config.map { FilePath($0) })
    let findings = try await interruptible {
      let findings = await doctor.examine()
      if Task.isCancelled { throw ExitCode(ExitStatus.interrupted.rawValue) }
      return findings
    }
    progress.finish()
    let output = ProgressStyle(
      environment: host.environment, isTerminal: isatty(STDOUT_FILENO) == 1)
    print(
      json ? try Finding.json(findings) : DoctorText.render(findings, hasColour: output.hasColour))
    if findings.contains(where: { $0.status == .fail }) {
      throw ExitCode(ExitStatus.failure.rawValue)
    }
  }
}
