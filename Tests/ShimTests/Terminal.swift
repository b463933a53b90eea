import CPosix
import Glibc

/// A pseudo terminal whose outer end the test holds.
final class Terminal {
  struct OpenError: Error { var code: Int32 }

  private var outer: Int32
  /// What the process opens.
  let path: String

  init() throws {
    let opened = cposix_open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC, 0)
    guard opened >= 0 else { throw OpenError(code: errno) }
    outer = cposix_dup_high(opened)
    close(opened)
    // What unlockpt and ptsname do, which the Swift overlay does not show.
    var isLocked: Int32 = 0
    var number: Int32 = 0
    guard ioctl(outer, 0x4004_5431, &isLocked) == 0, ioctl(outer, 0x8004_5430, &number) == 0
    else { throw OpenError(code: errno) }
    path = "/dev/pts/\(number)"
  }

  deinit { hangUp() }

  /// The user's window is gone.
  func hangUp() {
    if outer >= 0 { close(outer) }
    outer = -1
  }

  /// Types the text. `\u{3}` is ctrl-C, `\u{1A}` ctrl-Z.
  func type(_ text: String) {
    let bytes = Array(text.utf8)
    _ = Glibc.write(outer, bytes, bytes.count)
  }

  func resize(rows: UInt16, columns: UInt16) {
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(outer, UInt(TIOCSWINSZ), &size)
  }

  /// Whether lines are edited and shown as usual.
  var isCooked: Bool {
    var settings = termios()
    guard tcgetattr(outer, &settings) == 0 else { return false }
    let flags = tcflag_t(ICANON | ECHO | ISIG)
    return settings.c_lflag & flags == flags
  }

  func read(until text: String? = nil, within limit: Duration = .seconds(20)) -> String {
    ShimProcess.read(outer, until: text, within: limit)
  }
}
