internal import NIOCore
internal import NIOPosix

extension ServerBootstrap {
  /// What `StreamPair` needs of the connections that are accepted.
  func childStreamOptions() -> Self {
    childChannelOption(.autoRead, value: false)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
  }
}

extension ClientBootstrap {
  /// What `StreamPair` needs of a connection; small pieces are sent at once already.
  func streamOptions() -> Self {
    channelOption(.autoRead, value: false).channelOption(.allowRemoteHalfClosure, value: true)
  }
}
