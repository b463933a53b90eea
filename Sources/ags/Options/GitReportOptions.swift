import AGSLib
import ArgumentParser
import SystemPackage

/// What the commands about private git directories have in common.
struct GitReportOptions: ParsableArguments {
  @Flag(help: "Print the result as JSON.")
  var json = false

  @Option(help: "Read this file instead of ~/.config/ags/config.toml.")
  var config: String?

  func quarantines() throws -> (GitQuarantines, Host) {
    let host = try Host.current()
    let configuration = try ConfigurationLoader(host: host).loadBase(
      baseOverride: config.map { FilePath($0) }, missing: .defaults
    ).configuration
    return (GitQuarantines(host: host, configuration: configuration), host)
  }

  /// Prints a report. Throws when a part of it is still to be done.
  func show(_ report: GitImportReport) throws {
    if json {
      print(try ReadableJSON.text(report))
    } else {
      let lines = report.lines.isEmpty ? ["git: nothing new"] : report.lines
      print(lines.joined(separator: "\n"))
    }
    if !report.failures.isEmpty { throw UnfinishedImport(session: report.session) }
  }
}

/// The rest is said in the report.
private struct UnfinishedImport: DescribedError {
  var session: String
  var summary: String { "not all of session \(session) could be taken over" }
  var hint: String? { "nothing is lost: ags quarantine list" }
  var exitStatus: ExitStatus { .failure }
}
