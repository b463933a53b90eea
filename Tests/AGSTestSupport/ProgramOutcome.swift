/// How a program that a test ran ended, and what it wrote.
public struct ProgramOutcome: Sendable {
  public enum Ending: Sendable, Equatable {
    case exited(Int32)
    case signalled(Int32)
  }

  public var ending: Ending
  public var standardOutput: String
  public var standardError: String
  /// It had to be killed because it took longer than the test allowed.
  public var timedOut: Bool

  /// The exit status; a signal's number plus 128 where it ended by one.
  public var status: Int32 {
    switch ending {
    case .exited(let code): code
    case .signalled(let signal): 128 + signal
    }
  }

  /// The lines of standard output, without the last one when that is empty.
  public var lines: [String] {
    standardOutput.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      .droppingEmptyLast()
  }
}

extension [String] {
  fileprivate func droppingEmptyLast() -> [String] {
    last == "" ? Array(dropLast()) : self
  }
}

extension ProgramOutcome: CustomStringConvertible {
  /// What a failed expectation shows.
  public var description: String {
    """
    \(ending)\(timedOut ? ", killed at its time limit" : "")
    --- standard output
    \(standardOutput)
    --- standard error
    \(standardError)
    """
  }
}
