internal import SystemPackage

/// A program that shows a question and ends with the answer.
struct DialogProgram: Sendable {
  var executable: FilePath
  var environment: [String: String]
  var runner: any CommandRunner
  var clock: ApprovalClock

  /// A yes that comes sooner is a click or a key meant for something else: Open stays inert
  /// for a second, and half a second is what the window takes to appear.
  static let tooSoon = Duration.milliseconds(1500)
  /// How often in a row it is shown again for that; somebody leaning on the keyboard is not
  /// asked for ever.
  static let repetitions = 10

  /// - Parameter meaning: what the program's end says. Anything but a clear answer is nil.
  func show(
    _ arguments: [String], meaning: (CommandResult) -> ApprovalDialogAnswer?
  ) async -> ApprovalDialogAnswer {
    let command = Command(
      executable: executable, arguments: arguments, environment: environment,
      workingDirectory: "/")
    for _ in 0..<Self.repetitions {
      let began = clock.now()
      let result: CommandResult
      do throws(CommandError) {
        result = try await runner.run(command)
      } catch {
        return .failed(error.summary)
      }
      guard let answer = meaning(result) else {
        return .failed("\(executable) ended with \(result.status.shellStatus) and no answer")
      }
      if case .chosen = answer, clock.now() - began < Self.tooSoon { continue }
      return answer
    }
    return .failed("it was answered too fast, again and again")
  }
}
