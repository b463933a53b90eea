/// What sessions left that could not clean up after themselves.
struct SessionCheck {
  /// Their names.
  var dead: [String]

  var findings: [Finding] {
    guard !dead.isEmpty else { return [.ok("sessions", "no session was left behind")] }
    let names = dead.sorted().prefix(8).joined(separator: ", ") + (dead.count > 8 ? " …" : "")
    return [
      .warn(
        "sessions",
        "\(dead.count) session\(dead.count == 1 ? " was" : "s were") left behind "
          + "by a crash: \(names)",
        hint: "nothing to do: the next run sweeps them")
    ]
  }
}
