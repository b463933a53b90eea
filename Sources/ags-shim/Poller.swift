import CPosix

/// What many descriptors are waited for with: itself a descriptor, readable when one of
/// them has something. One that is closed is out of it.
struct Poller {
  let descriptor: Int32
  private var tokens = [UInt64](repeating: 0, count: Poller.batch)
  private var events = [UInt32](repeating: 0, count: Poller.batch)

  private static var batch: Int { CPOSIX_BATCH }

  static var reads: UInt32 { UInt32(CPOSIX_READS) }
  static var writes: UInt32 { UInt32(CPOSIX_WRITES) }
  /// Always reported, asked for or not.
  static var fails: UInt32 { UInt32(CPOSIX_FAILS) }

  init() throws(Failure) {
    descriptor = cposix_epoll()
    guard descriptor >= 0 else { throw Failure("cannot wait: \(describe(cposix_errno()))") }
  }

  /// Reports `events` again and again as long as they last.
  func add(_ watched: Int32, _ token: Token, _ events: UInt32) -> Bool {
    cposix_watch(descriptor, 1, watched, token.number, events, 0) == 0
  }

  /// Reports reading and writing once, whenever they become possible.
  func addEnd(_ watched: Int32, _ token: Token) -> Bool {
    cposix_watch(descriptor, 1, watched, token.number, Poller.reads | Poller.writes, 1) == 0
  }

  func change(_ watched: Int32, _ token: Token, _ events: UInt32) -> Bool {
    cposix_watch(descriptor, 3, watched, token.number, events, 0) == 0
  }

  func remove(_ watched: Int32) { _ = cposix_unwatch(descriptor, watched) }

  /// What is there now, without waiting.
  mutating func take() -> Int {
    max(0, Int(cposix_take_events(descriptor, &tokens, &events)))
  }

  func event(_ index: Int) -> (token: Token, events: UInt32) {
    (Token(number: tokens[index]), events[index])
  }
}

/// What a reported descriptor is. The serial number tells a stream from the one that had
/// its place before.
struct Token {
  enum Kind: UInt64 {
    case local
    case host
    case listener
    case control
  }

  let number: UInt64

  init(number: UInt64) { self.number = number }

  init(_ kind: Kind, _ index: Int = 0, serial: UInt32 = 0) {
    number = UInt64(serial) << 32 | UInt64(index) << 2 | kind.rawValue
  }

  var kind: Kind { Kind(rawValue: number & 3) ?? .control }
  var index: Int { Int(number >> 2 & 0x3FFF_FFFF) }
  var serial: UInt32 { UInt32(number >> 32) }
}
