import AGSLib
import Synchronization
import SystemPackage

/// `--git-report`: all that is said of the agent's work in git, for a program.
final class GitReportFile: Sendable {
  private let reports = Mutex<[GitImportReport]>([])
  private let path: FilePath

  /// Writes that there is nothing yet: what an earlier run left is not this one's.
  /// - Throws: when nothing could be written there either.
  init?(_ path: FilePath?) throws {
    guard let path else { return nil }
    self.path = path
    try GitImportReport.write([], to: path)
  }

  func add(_ report: GitImportReport) { reports.withLock { $0.append(report) } }

  /// The run is over, and its status is the agent's.
  func write() {
    do {
      try GitImportReport.write(reports.withLock { $0 }, to: path)
    } catch {
      ErrorOutput.warning("--git-report: \((error as? any DescribedError)?.summary ?? "\(error)")")
    }
  }
}
