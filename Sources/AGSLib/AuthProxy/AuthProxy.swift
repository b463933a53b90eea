internal import AGSWire
internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import SystemPackage

/// The host's side of one session's channels: pages, logins, relayed apps, forwards, the ssh
/// agent and the approvals of all of them (4-channels). One event loop carries it.
public final class AuthProxy: Sendable {
  private let configuration: AuthProxyConfiguration
  private let host: Host
  private let group: MultiThreadedEventLoopGroup

  /// - Parameters:
  ///   - document: an encoded `AuthProxyConfiguration`.
  ///   - host: whose environment the programs for the desktop get.
  public init(document: [UInt8], host: Host) throws {
    do {
      configuration = try AuthProxyConfiguration.decoded(document)
    } catch {
      throw SidecarError(
        summary: "no configuration on standard input", hint: "ags starts this program itself")
    }
    self.host = host
    group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  }

  /// Returns when every socket listens.
  public func start() async throws {
  }

  /// Ends everything that was started; returns when it is gone.
  public func stop() async {
    do {
      try await group.shutdownGracefully()
    } catch {
      // It is ending either way.
    }
  }
}
