import CPosix

/// `ags-shim relay SOCKET -- PROGRAM ARGUMENTS…`: runs a program and lets the host connect
/// to the ports it listens on, as init does for an agent. Made for a browser whose network
/// has no other way out or in; the first process there, so that it takes orphans too. Ends
/// with the program's status; the program ends when the host has closed the socket.
func runRelay(_ words: [String]) -> Int32 {
  do throws(Failure) {
    return try relay(words)
  } catch {
    if let message = error.message { complain(message) }
    return error.status
  }
}

private func relay(_ words: [String]) throws(Failure) -> Int32 {
  guard words.count > 2, words[1] == "--" else {
    throw Failure(
      "usage: ags-shim relay SOCKET -- PROGRAM ARGUMENTS…", status: GuestExitStatus.usage)
  }
  let signals = cposix_signal_descriptor()
  guard signals >= 0 else { throw Failure("no signal descriptor: \(describe(cposix_errno()))") }
  let relay = try RelayLoop(words[0], endsWithHost: true)
  relay.connectControl()
  guard relay.control.descriptor >= 0 else { throw Failure("\(words[0]): nobody listens there") }

  let child = cposix_fork()
  if child < 0 { throw Failure("cannot start a process: \(describe(cposix_errno()))") }
  if child == 0 {
    comeToForeground()
    cposix_close_from(3)
    do throws(Failure) {
      giveUp(try execute([Array(words[2...])], adding: []))
    } catch {
      giveUp(error)
    }
  }
  // The host's socket is the lifeline; poll passes over a descriptor that is none.
  var supervisor = Supervisor(
    agent: Agent(started: child), events: Events(signals: signals, lifeline: -1), relay: relay)
  return supervisor.run()
}
