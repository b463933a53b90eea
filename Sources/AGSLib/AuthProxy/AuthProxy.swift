internal import AGSWire
internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import SystemPackage

/// The host's side of one session's channels: pages, logins, relayed apps, forwards, the ssh
/// agent and the approvals of all of them (4-channels). One event loop carries it.
public final class AuthProxy: Sendable {
  private let configuration: AuthProxyConfiguration
  private let group: MultiThreadedEventLoopGroup
  private let limits: NIOLoopBound<ConnectionLimits>
  /// The user's own, whatever the sandbox does.
  private let hostLimits: NIOLoopBound<ConnectionLimits>
  private let audit: AuditLog
  private let queue: ApprovalQueue
  private let approvals: ApprovalService
  private let relay: RelayService
  private let pages: OpenService
  private let ssh: SSHFilter?

  /// Sockets of the sandbox are open to whoever gets into their directory: as root the
  /// container's user is another one.
  private static let sandboxMode: mode_t = 0o666

  /// The longest document that is read, in bytes.
  public static let maximumDocument = 1 << 20

  /// - Parameters:
  ///   - document: an encoded `AuthProxyConfiguration`.
  ///   - host: whose environment the programs for the desktop get.
  public init(document: [UInt8], host: Host) async throws {
    let configuration: AuthProxyConfiguration
    do {
      configuration = try AuthProxyConfiguration.decoded(document)
    } catch {
      throw SidecarError(
        summary: "no configuration on standard input", cause: "\(error)",
        hint: "ags starts this program itself")
    }
    self.configuration = configuration
    group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let loop = group.next()
    audit = AuditLog(
      directory: FilePath(configuration.auditDirectory), session: configuration.session)
    (limits, hostLimits) = try await loop.submit {
      (
        NIOLoopBound(ConnectionLimits(), eventLoop: loop),
        NIOLoopBound(ConnectionLimits(), eventLoop: loop)
      )
    }.get()
    let opener = PageOpener(host: host)
    queue = ApprovalQueue(
      session: ApprovalSession(
        id: configuration.session, agent: configuration.agent,
        workspace: configuration.workspace),
      renderers: host.approvalDialogs(), audit: audit, executor: loop.executor)
    relay = RelayService(
      on: loop, limits: limits,
      forwards: Dictionary(
        configuration.forwards.map { ($0.port, .host($0.hostPort)) }, uniquingKeysWith: { $1 }),
      audit: audit)
    let queue = queue
    let notifier = DesktopNotifier(host: host)
    let title = "ags, session \(configuration.session)"
    let pages = OpenService(
      on: loop, approvals: queue, dialing: relay, opener: opener,
      autoAllowed: try configuration.autoAllowDomains.map { try HostPattern($0) },
      maximumUnasked: configuration.unaskedPages, audit: audit,
      notice: { text in
        Task {
          await queue.notice(text)
          await notifier?.show(text, title: title)
        }
      })
    self.pages = pages
    approvals = ApprovalService(
      queue: queue, hasDisplay: opener.hasDisplay, notifier: notifier,
      callback: { url throws(ChannelFault) in try await pages.callback(pasted: url) })
    let audit = audit
    ssh = configuration.ssh.map { rule in
      SSHFilter(
        on: loop, agent: SSHAgentClient(directory: FilePath(rule.directory), name: rule.socket),
        keys: rule.keys.map { .init(name: $0.name, blob: $0.blob) }, audit: audit)
    }
  }

  /// Returns when every socket listens.
  public func start() async throws {
    let sandbox = FilePath(configuration.sandboxDirectory)
    let approvals = approvals
    _ = try await FrameServer.bind(
      FilePath(configuration.hostDirectory).appending("approvals.sock"), mode: 0o600,
      on: group.next(), limits: hostLimits
    ) { approvals.receive($0, $1) }
    try await relay.listen(at: sandbox.appending("relay.sock"), mode: Self.sandboxMode)
    try await pages.listen(
      at: sandbox.appending("open.sock"), mode: Self.sandboxMode, limits: limits)
    try await ssh?.listen(
      at: sandbox.appending("ssh.sock"), mode: Self.sandboxMode, limits: limits)
  }

  /// Ends everything that was started; returns when it is gone.
  public func stop() async {
    await pages.close()
    await ssh?.close()
    await relay.close()
    await queue.end()
    audit.flush()
    do {
      try await group.shutdownGracefully()
    } catch {
      // It is ending either way.
    }
  }
}
