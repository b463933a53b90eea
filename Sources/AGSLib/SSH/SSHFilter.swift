internal import NIOCore
internal import SystemPackage

/// `ssh.sock` (3-run "ssh", 6-security 16b): as much of the ssh agent as the sandbox may use,
/// which is the list of the allowed keys and signatures with them. Everything else is
/// answered by a failure and never reaches the agent.
actor SSHFilter {
  /// A key the sandbox may use.
  struct Key: Sendable {
    /// For the audit log.
    var name: String
    var blob: [UInt8]
  }

  /// Requests that the agent has at the same time.
  static let maximumAsking = 4
  /// How long a signature may take: the key may be one that has to be touched.
  static let patience = Duration.seconds(60)

  private let loop: any EventLoop
  private let agent: SSHAgentClient
  private let keys: [Key]
  private let audit: any AuditRecording
  private var free = (0..<SSHFilter.maximumAsking).map { _ in BlockingThread() }
  private var waiting: [CheckedContinuation<BlockingThread, Never>] = []
  private var server: (any Channel)?

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    loop.executor.asUnownedSerialExecutor()
  }

  init(
    on loop: any EventLoop, agent: SSHAgentClient, keys: [Key], audit: any AuditRecording
  ) {
    self.loop = loop
    self.keys = keys
    self.audit = audit
    self.agent = SSHAgentClient(directory: agent.directory, name: agent.name, limit: Self.patience)
  }

  func listen(
    at path: FilePath, mode: CInterop.Mode, limits: NIOLoopBound<ConnectionLimits>,
    messagePatience: TimeAmount = SSHFilterHandler.patience
  ) async throws {
    server = try await FrameServer.listen(path, mode: mode, on: loop) { channel in
      channel.eventLoop.makeCompletedFuture {
        guard limits.value.take(channel) else {
          channel.close(promise: nil)
          return
        }
        try channel.pipeline.syncOperations.addHandler(
          SSHFilterHandler(patience: messagePatience) { channel, message in
            self.assumeIsolated { $0.take(message, from: channel) }
          })
      }
    }
  }

  func close() {
    server?.close(promise: nil)
    server = nil
  }

  private func take(_ message: [UInt8], from channel: any Channel) {
    Task {
      let answer = await answer(message, to: channel) ?? [SSHAgentMessage.failure]
      do {
        try await channel.writeAndFlush(ByteBuffer(bytes: SSHWireReader.encoded(answer))).get()
        let operations = channel.pipeline.syncOperations
        try operations.handler(type: SSHFilterHandler.self).resume(channel)
      } catch {
        channel.close(promise: nil)
      }
    }
  }

  /// Nil for what is not allowed, or what the agent does not do.
  private func answer(_ message: [UInt8], to channel: any Channel) async -> [UInt8]? {
    guard let request = SSHFilterRequest(message) else { return nil }
    var key: Key?
    if case .sign(let blob, _, _) = request {
      key = keys.first { $0.blob == blob }
      guard key != nil else { return nil }
    }
    let thread = await takeThread()
    defer { giveBack(thread) }
    // Whoever asked may have waited in vain.
    guard channel.isActive else { return nil }
    let agent = agent
    // An agent that has gone, or is too slow, is a failure to whoever asked.
    guard let said = try? await thread.run({ try agent.exchange(request.encoded) }) else {
      return nil
    }
    guard let key, case .sign(_, let data, _) = request else { return listing(said) }
    guard Self.isSignature(said) else { return nil }
    audit.record(
      AuditEvent("signature", SSHSignedData.facts(data).merging(["key": key.name]) { $1 }))
    return said
  }

  /// The agent's list without what is not ours.
  private func listing(_ said: [UInt8]) -> [UInt8]? {
    // So is one whose answer is garbled.
    guard let held = try? SSHIdentity.list(from: said) else { return nil }
    let allowed = held.filter { identity in keys.contains { $0.blob == identity.blob } }
    return [SSHAgentMessage.identitiesAnswer] + SSHWireReader.number(allowed.count)
      + allowed.flatMap {
        SSHWireReader.encoded($0.blob) + SSHWireReader.encoded($0.comment)
      }
  }

  private static func isSignature(_ said: [UInt8]) -> Bool {
    var reader = SSHWireReader(said)
    // Garbled is none.
    guard (try? reader.byte()) == SSHAgentMessage.signResponse, (try? reader.string()) != nil
    else { return false }
    return reader.rest == 0
  }

  private func takeThread() async -> BlockingThread {
    if let thread = free.popLast() { return thread }
    return await withCheckedContinuation { waiting.append($0) }
  }

  private func giveBack(_ thread: BlockingThread) {
    if waiting.isEmpty {
      free.append(thread)
    } else {
      waiting.removeFirst().resume(returning: thread)
    }
  }
}
