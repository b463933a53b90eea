internal import AGSWire
internal import NIOCore
internal import SystemPackage

/// `open.sock` (4-channels): pages for the user's browser, and reports for the audit log.
///
/// What is decided on, by a rule or by the user, is a `CheckedURL`, and that value is opened.
actor OpenService {
  /// Requests at the same time, those the user is asked about included.
  static let maximumOpening = 64
  /// What an asking tool shows.
  static let waitingText = "waiting for approval: run ags approvals"

  private let loop: any EventLoop
  private let approvals: any ApprovalAsking
  private let dialing: any SandboxDialing
  private let callbacks: CallbackServer
  private let opener: PageOpener
  private let autoAllowed: [HostPattern]
  private let maximumUnasked: Int
  private let audit: any AuditRecording
  private let notice: @Sendable (String) -> Void
  private var opening: [Int: Task<Void, Never>] = [:]
  private var count = 0
  /// When pages opened without a question.
  private var unasked: [NIODeadline] = []
  private var reports = AuditReports()
  private var server: (any Channel)?

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    loop.executor.asUnownedSerialExecutor()
  }

  /// - Parameters:
  ///   - autoAllowed: hosts whose https pages open without a question.
  ///   - maximumUnasked: how many of these within a minute; the user is asked about more.
  ///   - notice: shows the user one line, of visible ASCII.
  init(
    on loop: any EventLoop, approvals: any ApprovalAsking, dialing: any SandboxDialing,
    opener: PageOpener, autoAllowed: [HostPattern], maximumUnasked: Int = 10,
    audit: any AuditRecording,
    callbackLimits: CallbackServer.Limits = .init(), notice: @escaping @Sendable (String) -> Void
  ) {
    self.loop = loop
    self.approvals = approvals
    self.dialing = dialing
    self.opener = opener
    self.autoAllowed = autoAllowed
    self.maximumUnasked = maximumUnasked
    self.audit = audit
    self.notice = notice
    callbacks = CallbackServer(
      on: loop, dialing: dialing, audit: audit, limits: callbackLimits)
  }

  func listen(
    at path: FilePath, mode: CInterop.Mode, limits: NIOLoopBound<ConnectionLimits>
  ) async throws {
    server = try await FrameServer.bind(path, mode: mode, on: loop, limits: limits) {
      peer, line in self.assumeIsolated { $0.take(line, from: peer) }
    }
  }

  /// Brings a login's answer that the user copied from a browser on another machine.
  /// - Returns: the first line of what the program inside said to it, of visible characters.
  func callback(pasted url: String) async throws(ChannelFault) -> String {
    try await callbacks.replay(url)
  }

  /// Withdraws all questions and releases all ports.
  func close() async {
    server?.close(promise: nil)
    server = nil
    for task in opening.values { task.cancel() }
    await callbacks.close()
    if let event = reports.summary { audit.record(event) }
  }

  private func take(_ line: [UInt8], from peer: FramePeer) {
    do throws(ChannelFault) {
      switch try ChannelRequest.decode(line) {
      case .open(let url): try open(CheckedURL(url), for: peer)
      case .audit(let event, let text):
        for event in try reports.admit(event, text) { audit.record(event) }
        peer.finish(ChannelAnswer.done.encoded())
      default: throw ChannelFault(.unknownType, "no such request on this socket")
      }
    } catch {
      peer.fail(error)
    }
  }

  private func open(_ url: CheckedURL, for peer: FramePeer) throws(ChannelFault) {
    guard opening.count < Self.maximumOpening else {
      throw ChannelFault(.limit, "\(Self.maximumOpening) pages are waiting to be opened already")
    }
    count += 1
    let number = count
    opening[number] = Task {
      do throws(ChannelFault) {
        try await open(url, askedBy: peer)
        peer.finish(ChannelAnswer.done.encoded())
      } catch {
        peer.fail(error)
      }
      opening[number] = nil
    }
    // A tool that has gone withdraws what it asked.
    peer.closed.whenComplete { _ in
      self.assumeIsolated { $0.opening[number]?.cancel() }
    }
  }

  private func open(_ url: CheckedURL, askedBy peer: FramePeer) async throws(ChannelFault) {
    let target = CallbackTarget(of: url)
    if mayOpenUnasked(url) {
      record("open-allowed", url, ["by": "auto_allow_domains"])
      try await show(url, target)
      notice("opened without a question: \(url.auditText)")
      return
    }
    record("open-asked", url)
    let question = question(url, target)
    let decision = await approvals.ask(question) { peer.answer(.waiting(Self.waitingText)) }
    switch decision {
    case .allow:
      record("open-allowed", url, ["by": "user"])
      try await show(url, target)
    case .proxy:
      guard question.choices.contains(.proxy) else {
        throw ChannelFault(.failed, "this page cannot be relayed")
      }
      record("open-allowed", url, ["by": "user", "relayed": "true"])
      try await showRelayed(url)
    case .deny(let reason):
      record("open-denied", url, ["reason": reason.rawValue])
      throw ChannelFault(.denied, "not opened: \(reason.explanation)")
    }
  }

  private func mayOpenUnasked(_ url: CheckedURL) -> Bool {
    guard opener.hasDisplay, url.scheme == .https,
      autoAllowed.contains(where: { $0.matches(url.host) })
    else { return false }
    let now = NIODeadline.now()
    unasked.removeAll { now - $0 >= .seconds(60) }
    // A tool in a loop must not fill the user's browser, whoever's pages they are.
    guard unasked.count < maximumUnasked else { return false }
    unasked.append(now)
    return true
  }

  private func question(_ url: CheckedURL, _ target: CallbackTarget?) -> ApprovalQuestion {
    var notes: [String] = []
    if let target {
      notes.append(
        "Open waits on port \(target.port) of this computer for the login's answer, "
          + "5 minutes at most")
    }
    if !opener.hasDisplay {
      notes.append(
        "there is no display here: Open means that you open it in a browser elsewhere"
          + (target == nil ? "" : "; bring the answer with ags approvals callback URL"))
    }
    let isApp = url.isLoopback && url.scheme == .http
    if isApp { notes.append("Open shows port \(url.port) of this computer, Proxy the sandbox's") }
    return ApprovalQuestion(
      kind: .open, subject: url.text, host: url.host, notes: notes,
      choices: isApp ? [.allow, .proxy] : [.allow])
  }

  /// With the callback's port bound before the browser can come back.
  private func show(_ url: CheckedURL, _ target: CallbackTarget?) async throws(ChannelFault) {
    var login: Int?
    do throws(ChannelFault) {
      if let target { login = try await callbacks.wait(for: target) }
      if opener.hasDisplay { try await opener.open(url) }
    } catch {
      if let login { await callbacks.release(login) }
      notice("\(url.host) was not opened: \(error.message)")
      throw error
    }
  }

  private func showRelayed(_ url: CheckedURL) async throws(ChannelFault) {
    let relayed = try CheckedURL(await dialing.register(port: url.port, base: url.page))
    if opener.hasDisplay {
      try await opener.open(relayed)
    } else {
      notice("the sandbox's app is at \(relayed.text)")
    }
  }

  private func record(_ name: String, _ url: CheckedURL, _ more: [String: String] = [:]) {
    audit.record(AuditEvent(name, more.merging(["url": url.auditText]) { $1 }))
  }
}
