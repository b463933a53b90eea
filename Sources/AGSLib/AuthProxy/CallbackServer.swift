internal import AGSWire
internal import NIOCore
internal import NIOPosix

/// Brings the answers of logins from the user's browser into the sandbox (4-channels "OAuth
/// callback"). A port of the host is bound because the user approved a page whose URL names
/// it; until a request comes with the path and the state of that URL, nothing that comes to
/// the port reaches the sandbox or changes anything.
///
/// Owners: `ports` has those that listen, `ending` those that only carry their last
/// connections; a passed connection belongs to its `StreamPair`.
actor CallbackServer {
  /// How long, and how many.
  struct Limits: Sendable {
    /// In all, from the approval on.
    var lifetime = Duration.seconds(300)
    /// For a request's head.
    var head = Duration.seconds(10)
    /// After the last byte of the answer.
    var afterAnswer = Duration.seconds(2)
    /// For the program inside to listen.
    var dial = Duration.seconds(5)
    /// Connections that bring no request yet, of one port.
    var waiting = 32
    /// Connections whose bytes go into the sandbox, of one port.
    var passed = 32
    /// Ports at the same time.
    var ports = 16
  }

  private let loop: any EventLoop
  private let dialing: any SandboxDialing
  private let audit: any AuditRecording
  private let limits: Limits
  private var ports: [UInt16: CallbackPort] = [:]
  private var ending: [ObjectIdentifier: CallbackPort] = [:]
  private var logins = 0
  private var isClosed = false

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    loop.executor.asUnownedSerialExecutor()
  }

  init(
    on loop: any EventLoop, dialing: any SandboxDialing, audit: any AuditRecording,
    limits: Limits = Limits()
  ) {
    self.loop = loop
    self.dialing = dialing
    self.audit = audit
    self.limits = limits
  }

  /// Waits for the answer that `target` describes, from now on. One that this session waited
  /// for on the same port is given up.
  /// - Returns: what `release` takes.
  func wait(for target: CallbackTarget) async throws(ChannelFault) -> Int {
    logins += 1
    let login = logins
    while true {
      guard !isClosed else { throw ChannelFault(.unavailable, "the session ends") }
      let found = ports[target.port]
      let port = if let found { found } else { try makePort(target, login) }
      do {
        _ = try await port.binding.value
      } catch {
        if ports[target.port] === port { ports[target.port] = nil }
        throw error as? ChannelFault ?? ChannelFault(.failed, "cannot listen on the host")
      }
      // Somebody may have released it meanwhile.
      guard ports[target.port] === port else { continue }
      if found != nil { port.restart(target, login: login) }
      port.expiry?.cancel()
      port.expiry = schedule(TimeAmount(limits.lifetime), port) { $0.expire($1) }
      audit.record(AuditEvent("callback-bound", ["port": "\(target.port)", "path": target.path]))
      return login
    }
  }

  /// Gives up waiting: the page was not opened. A newer login on the port is not affected.
  func release(_ login: Int) {
    if let port = ports.values.first(where: { $0.login == login }) { end(port) }
  }

  /// Brings an answer that the user copied from a browser on another machine.
  /// - Returns: the first line of what the sandbox said to it, made inert.
  func replay(_ text: String) async throws(ChannelFault) -> String {
    let url = try CheckedURL(Self.trimmed(text))
    guard url.scheme == .http, url.isLoopback else {
      throw ChannelFault(
        .invalidURL, "this is no login's answer: copy the address that begins with http://localhost"
      )
    }
    guard let port = ports[url.port] else {
      throw ChannelFault(.unavailable, "no login waits for an answer on port \(url.port)")
    }
    let query = url.query.map { Array($0.utf8) } ?? []
    guard port.target.matches(path: Array(url.path.utf8)[...], query: query[...]) else {
      throw ChannelFault(
        .denied, "this is not the answer to the login that waits: its path or state is another")
    }
    let request = """
      GET \(url.path)\(url.query.map { "?\($0)" } ?? "") HTTP/1.1\r
      Host: localhost:\(url.port)\r
      Connection: close\r
      \r\n
      """
    return try await CallbackReplay.send(Array(request.utf8), to: url.port, on: loop)
  }

  /// What a terminal's selection may bring along is no part of it.
  private static func trimmed(_ text: String) -> String {
    var rest = text[...]
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }

  /// Releases everything and ends every connection.
  func close() {
    isClosed = true
    for port in Array(ports.values) { end(port) }
    for port in ending.values { expire(port) }
  }

  private func makePort(
    _ target: CallbackTarget, _ login: Int
  ) throws(ChannelFault) -> CallbackPort {
    guard ports.count < limits.ports else {
      throw ChannelFault(.limit, "\(limits.ports) logins are waiting for their answers already")
    }
    let number = target.port
    let binding = Task {
      try await CallbackPort.bind(number, on: loop) { channel in
        try self.assumeIsolated { try $0.accept(channel, on: number) }
      }
    }
    let port = CallbackPort(target, login: login, binding: binding)
    ports[number] = port
    return port
  }

  private func accept(_ channel: any Channel, on number: UInt16) throws {
    guard let port = ports[number] else { throw ChannelFault(.unavailable, "it is released") }
    port.add(channel, maximumWaiting: limits.waiting)
    let bound = NIOLoopBound(port, eventLoop: loop)
    channel.closeFuture.whenComplete { _ in
      self.assumeIsolated { $0.forget(channel, of: bound.value) }
    }
    try channel.pipeline.syncOperations.addHandler(
      CallbackHeadHandler(patience: TimeAmount(limits.head)) { channel, outcome in
        self.assumeIsolated { $0.take(outcome, from: channel, of: bound.value) }
      })
  }

  private func take(
    _ outcome: CallbackHeadHandler.Outcome, from channel: any Channel, of port: CallbackPort
  ) {
    guard case .head(let bytes) = outcome else {
      FramePeer(channel: channel).finish(CallbackPage.tooLarge)
      return
    }
    guard let head = RequestHead(bytes) else {
      FramePeer(channel: channel).finish(CallbackPage.badRequest)
      return
    }
    let isAnswer = port.target.matches(path: head.path[...], query: head.query[...])
    guard head.isLocal(port: port.target.port), isAnswer || port.gateIsOpen,
      port.passedCount < limits.passed
    else {
      FramePeer(channel: channel).finish(CallbackPage.notFound)
      return
    }
    port.pass(channel)
    let login = port.login
    let passing = Task {
      do throws(ChannelFault) {
        let inside = try await dialing.dial(port: port.target.port, patience: limits.dial)
        guard port.login == login, channel.isActive else {
          inside.close(promise: nil)
          return
        }
        join(channel, inside, of: port, isAnswer: isAnswer)
      } catch {
        FramePeer(channel: channel).finish(CallbackPage.badGateway(error.message))
      }
    }
    channel.closeFuture.whenComplete { _ in passing.cancel() }
  }

  private func join(
    _ channel: any Channel, _ inside: any Channel, of port: CallbackPort, isAnswer: Bool
  ) {
    do {
      let head = try channel.pipeline.syncOperations.handler(type: CallbackHeadHandler.self)
      if isAnswer {
        let bound = NIOLoopBound(port, eventLoop: loop)
        let login = port.login
        try inside.pipeline.syncOperations.addHandler(
          AnswerWatch { self.assumeIsolated { $0.noteAnswer(of: bound.value, login) } },
          position: .first)
        if !port.gateIsOpen {
          audit.record(AuditEvent("callback-answered", ["port": "\(port.target.port)"]))
        }
        port.gateIsOpen = true
      }
      StreamPair.join(channel, inside)
      channel.pipeline.syncOperations.removeHandler(head, promise: nil)
    } catch {
      // One of them has gone already.
      channel.close(promise: nil)
      inside.close(promise: nil)
    }
  }

  private func noteAnswer(of port: CallbackPort, _ login: Int) {
    guard port.login == login, ports[port.target.port] === port else { return }
    port.lastAnswer = .now()
    if port.lookout == nil { lookOut(port, in: TimeAmount(limits.afterAnswer)) }
  }

  private func lookOut(_ port: CallbackPort, in time: TimeAmount) {
    port.lookout = schedule(time, port) { server, port in
      guard let last = port.lastAnswer else { return }
      let rest = last + TimeAmount(server.limits.afterAnswer) - .now()
      if rest > .zero { server.lookOut(port, in: rest) } else { server.end(port) }
    }
  }

  private func schedule(
    _ time: TimeAmount, _ port: CallbackPort,
    _ body: @escaping @Sendable (isolated CallbackServer, CallbackPort) -> Void
  ) -> Scheduled<Void> {
    let bound = NIOLoopBound(port, eventLoop: loop)
    return loop.scheduleTask(in: time) { self.assumeIsolated { body($0, bound.value) } }
  }

  /// Releases the port; what is being carried may go on until its time is over.
  private func end(_ port: CallbackPort) {
    guard ports[port.target.port] === port else { return }
    ports[port.target.port] = nil
    port.stopListening()
    if port.isIdle {
      port.expiry?.cancel()
    } else {
      ending[ObjectIdentifier(port)] = port
    }
  }

  private func expire(_ port: CallbackPort) {
    end(port)
    port.endConnections { _ in true }
  }

  private func forget(_ channel: any Channel, of port: CallbackPort) {
    port.remove(channel)
    if port.isIdle, ending.removeValue(forKey: ObjectIdentifier(port)) != nil {
      port.expiry?.cancel()
    }
  }
}
