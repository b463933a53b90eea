public import SystemPackage

/// A program that could not be run to its end. Nothing of its output or environment is
/// ever part of the message.
public enum CommandError: DescribedError, Equatable {
  /// There is no such file.
  case notFound(FilePath)
  /// The file is a directory, or may not be executed.
  case notExecutable(FilePath)
  /// The directory to start in is not there or not accessible.
  case noWorkingDirectory(FilePath, command: FilePath)
  /// It took longer than its limit and was stopped.
  case timedOut(FilePath, after: Duration)
  /// It wrote more than its limit to one stream and was stopped.
  case outputTooLarge(FilePath, limit: Int)
  /// The task that asked for it was cancelled, and it was stopped.
  case cancelled(FilePath)
  /// The system refused to start or watch it.
  case failed(FilePath, reason: String)

  public var summary: String {
    switch self {
    case .notFound(let path): "\(path) does not exist"
    case .notExecutable(let path): "\(path) is not an executable file"
    case .noWorkingDirectory(let directory, let command):
      "\(command) cannot start in \(directory)"
    case .timedOut(let path, let limit): "\(path) did not finish within \(limit.inSeconds)"
    case .outputTooLarge(let path, let limit): "\(path) wrote more than \(limit) bytes"
    case .cancelled(let path): "\(path) was stopped before it finished"
    case .failed(let path, _): "\(path) could not be run"
    }
  }

  public var cause: String? {
    if case .failed(_, let reason) = self { reason } else { nil }
  }

  public var hint: String? {
    switch self {
    case .notFound(let path): "install the program, or correct the path \(path)"
    case .notExecutable(let path): "check the permissions: ls -l \(path)"
    case .noWorkingDirectory(let directory, _): "check that \(directory) is a directory"
    case .timedOut, .outputTooLarge, .cancelled, .failed: nil
    }
  }

  public var exitStatus: ExitStatus { .failure }
}
