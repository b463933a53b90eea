import CPosix

/// `ags-shim init`: the container's PID 1 (3-run "Into the container"). Single-threaded;
/// returns what the container ends with.
func runInit() -> Int32 {
  do throws(Failure) {
    return try startAndSupervise()
  } catch {
    if let message = error.message { complain(message) }
    return error.status
  }
}

private func startAndSupervise() throws(Failure) -> Int32 {
  guard cposix_make_undumpable() == 0 else { throw Failure("cannot become undumpable") }
  let coreLimit = cposix_set_core_limit(0)
  for descriptor in [GuestDescriptor.launch, GuestDescriptor.lifeline]
  where cposix_set_close_on_exec(descriptor) != 0 {
    throw Failure("descriptor \(descriptor) is not open: only ags starts this program")
  }
  guard cposix_is_pipe_or_socket(GuestDescriptor.lifeline) != 0 else {
    throw Failure("descriptor \(GuestDescriptor.lifeline) is not the lifeline of ags")
  }
  let signals = cposix_signal_descriptor()
  guard signals >= 0 else { throw Failure("no signal descriptor: \(describe(cposix_errno()))") }
  var events = Events(signals: signals, lifeline: GuestDescriptor.lifeline)

  let (agent, relay) = try startAgent(&events, coreLimit: coreLimit)
  var supervisor = Supervisor(agent: agent, events: events, relay: relay)
  return supervisor.run()
}

/// Everything up to the agent's start. The document's bytes are wiped when it returns.
private func startAgent(
  _ events: inout Events, coreLimit: UInt64
) throws(Failure) -> (Agent, RelayLoop?) {
  let bytes = try readDocument(&events)
  let lines = try bytes.lines()
  let document = try bytes.header(lines)
  try verify(document.mounts)
  let mask = umask(0)
  try make(document.directories)
  try make(document.links)
  _ = umask(mask)
  try events.throwIfInterrupted(waiting: nil)
  announceMissingDCG(document.dcg)
  // Before the agent, which may want a port at once.
  let relay = try startRelay(document)

  let child = cposix_fork()
  if child < 0 { throw Failure("cannot start a process: \(describe(cposix_errno()))") }
  if child == 0 {
    becomeAgent(document, secrets: bytes, lines: lines, coreLimit: coreLimit)
  }
  return (Agent(started: child), relay)
}

/// Nil when the session has none. A port that cannot be had is no reason not to start.
private func startRelay(_ document: LaunchDocument) throws(Failure) -> RelayLoop? {
  guard document.usesRelay || !document.ports.isEmpty else { return nil }
  let relay = try RelayLoop(HostSocket.relay, endsWithHost: false)
  for port in document.ports {
    guard let trouble = relay.listen(on: port) else { continue }
    complain("port \(port) cannot be forwarded to the host: \(trouble)", as: "ags: warning")
  }
  if document.usesRelay { relay.connectControl() }
  return relay
}

private func announceMissingDCG(_ need: LaunchDocument.DCGNeed) {
  guard need != .none, case .unusable(let why) = DCGProcess.find() else { return }
  complain(
    need == .required
      ? "\(why): in lockdown the guard refuses every command of the agent"
      : "\(why): of commands the guard refuses only what its own short list names",
    as: "ags: warning")
}

private func readDocument(_ events: inout Events) throws(Failure) -> WipedBytes {
  var bytes = try WipedBytes()
  var isComplete = false
  while !isComplete {
    guard try events.throwIfInterrupted(waiting: GuestDescriptor.launch) else { continue }
    isComplete = try !bytes.read(
      from: GuestDescriptor.launch, limit: LaunchDocument.maximumSize)
  }
  close(GuestDescriptor.launch)
  return bytes
}
