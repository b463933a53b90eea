internal import CPosix
internal import Dispatch
internal import Glibc

/// The read end of a pipe that whoever started this program holds open (3-run "Lifetime").
/// Nothing is ever written to it.
public struct Lifeline: Sendable {
  /// The descriptor sidecars find it at.
  public static let descriptor: Int32 = 3

  private let descriptor: Int32

  /// - Throws: when `descriptor` is no pipe: nobody of ours started this program.
  public init(descriptor: Int32 = Lifeline.descriptor) throws {
    var facts = stat()
    guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFIFO else {
      throw SidecarError(
        summary: "descriptor \(descriptor) is not the lifeline of ags",
        hint: "ags starts this program itself")
    }
    self.descriptor = descriptor
  }

  /// Returns when the other end has closed, or a signal of `signals` has come.
  public func wait(signals: TerminationSignals?) async {
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      DispatchQueue.global().async {
        block(signals)
        continuation.resume()
      }
    }
  }

  private func block(_ signals: TerminationSignals?) {
    while true {
      var watched = [
        pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: signals?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
      ]
      guard poll(&watched, 2, -1) > 0 else { continue }
      if watched[1].revents != 0 { return }
      if watched[0].revents != 0 {
        var byte: UInt8 = 0
        let count = read(descriptor, &byte, 1)
        if count == 0 || (count < 0 && errno != EINTR) { return }
      }
    }
  }
}
