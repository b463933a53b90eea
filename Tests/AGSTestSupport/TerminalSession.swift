internal import CPosix
import Glibc
import Synchronization
internal import SystemPackage

/// A pseudo-terminal with a program on it, typed at and read like a person would.
public final class TerminalSession: Sendable {
  private let controller: FileDescriptor
  private let screen = Mutex("")

  /// What the program did not print in time.
  public struct NeverShown: Error, CustomStringConvertible {
    public var text: String
    public var screen: String
    public var description: String { "\(text.debugDescription) was never shown in:\n\(screen)" }
  }

  private init(controller: FileDescriptor) { self.controller = controller }

  /// Runs a call on a new terminal of the given size until it ends.
  public static func run(
    _ call: ProgramCall, of fixture: SandboxFixture, rows: UInt16 = 24, columns: UInt16 = 80,
    _ body: @escaping @Sendable (TerminalSession, RunningProgram) async throws -> Void
  ) async throws -> ProgramOutcome {
    let (controller, terminal) = try Self.openPair()
    defer { close(controller.rawValue) }
    // The terminal belongs to whoever runs on it, as a login would have it.
    fchown(terminal.rawValue, fixture.userID, gid_t.max)

    let session = TerminalSession(controller: controller)
    session.resize(rows: rows, columns: columns)
    let reader = Task { await session.read() }
    defer { reader.cancel() }

    var onTerminal = call
    onTerminal.input = .terminal(terminal)
    onTerminal.program = "/usr/bin/setsid"
    onTerminal.arguments = ["--ctty", call.program.string] + call.arguments
    var outcome: ProgramOutcome
    do {
      outcome = try await onTerminal.run { try await body(session, $0) }
    } catch {
      close(terminal.rawValue)
      throw error
    }
    // Only with our own end closed does reading come to an end.
    close(terminal.rawValue)
    await reader.value
    outcome.standardOutput = session.shown
    return outcome
  }

  /// What posix_openpt, unlockpt and ptsname do; Swift's Glibc module hides those three.
  private static func openPair() throws -> (controller: FileDescriptor, terminal: FileDescriptor) {
    let unlock: UInt = 0x4004_5431
    let number: UInt = 0x8004_5430
    let controller = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard controller >= 0 else { throw Errno(rawValue: errno) }
    var locked: CInt = 0
    var index: CInt = -1
    guard ioctl(controller, unlock, &locked) == 0, ioctl(controller, number, &index) == 0 else {
      throw Errno(rawValue: errno)
    }
    let terminal = open("/dev/pts/\(index)", O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard terminal >= 0 else { throw Errno(rawValue: errno) }
    return (FileDescriptor(rawValue: controller), FileDescriptor(rawValue: terminal))
  }

  /// Everything printed so far, escape sequences and all.
  public var shown: String { screen.withLock { $0 } }

  /// Types characters; `\r` is the enter key, `\u{3}` ctrl-C.
  public func type(_ text: String) {
    _ = Array(text.utf8).withUnsafeBytes { write(controller.rawValue, $0.baseAddress, $0.count) }
  }

  /// Changes the size, which the foreground program hears about.
  public func resize(rows: UInt16, columns: UInt16) {
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = withUnsafeMutablePointer(to: &size) {
      ioctl(controller.rawValue, UInt(TIOCSWINSZ), UnsafeMutableRawPointer($0))
    }
  }

  /// Waits until `text` has been printed.
  public func expect(_ text: String, within limit: Duration = .seconds(60)) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    while !shown.contains(text) {
      guard clock.now < deadline else { throw NeverShown(text: text, screen: shown) }
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  /// Reads until the last process has closed the terminal.
  private func read() async {
    _ = fcntl(controller.rawValue, F_SETFL, O_NONBLOCK)
    var buffer = [UInt8](repeating: 0, count: 65536)
    while !Task.isCancelled {
      let count = Glibc.read(controller.rawValue, &buffer, buffer.count)
      if count > 0 {
        screen.withLock { $0 += String(decoding: buffer[..<count], as: UTF8.self) }
      } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
        return
      } else {
        // Cancelled only when the session is over, and then the loop ends.
        try? await Task.sleep(for: .milliseconds(5))
      }
    }
  }
}
