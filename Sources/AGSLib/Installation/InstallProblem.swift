/// Why one source of an agent did not do, in one line.
struct InstallProblem: Error, Equatable {
  var reason: String

  init(_ reason: String) { self.reason = reason }

  init(_ error: any Error) {
    guard let error = error as? any DescribedError else {
      self.init("\(error)")
      return
    }
    self.init(error.summary + (error.cause.map { ": \($0)" } ?? ""))
  }
}
