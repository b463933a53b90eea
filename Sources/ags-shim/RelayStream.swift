import CPosix

/// A connection between a port inside and the host, from its first attempt to its end.
final class RelayStream {
  /// Who wanted it.
  enum Purpose {
    /// The host, which knows it by that name.
    case connection(id: String)
    /// A program inside, which has connected to the listener of a forward.
    case forward
  }

  enum Stage {
    /// Connecting to the port inside; `local` may be none, until it is tried again.
    case dialing(isV6: Bool)
    /// Connecting to the host, which was busy.
    case calling
    /// The request is sent; the host's line is awaited.
    case asking
    case joined
  }

  let purpose: Purpose
  let port: UInt16
  let serial: UInt32
  let place: Int
  var stage: Stage
  var local = StreamEnd()
  var host = StreamEnd()
  var outward = Flow()
  var inward = Flow()
  /// What of the host's line has come.
  var answer: [UInt8] = []
  /// When something happens by itself; `Int64.max` for never.
  var deadline = Int64.max
  /// Until when a refused port is tried again, then until when the host may be busy.
  var limit: Int64
  /// Stands in the list of those that go on without an event.
  var isRunnable = false

  init(
    _ purpose: Purpose, port: UInt16, stage: Stage, limit: Int64, place: Int, serial: UInt32
  ) {
    self.purpose = purpose
    self.port = port
    self.stage = stage
    self.limit = limit
    self.place = place
    self.serial = serial
  }

  var request: ChannelRequest {
    switch purpose {
    case .connection(let id): .stream(id: id)
    case .forward: .forward(port: port)
    }
  }
}
