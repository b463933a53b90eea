import CPosix
import Glibc
import Synchronization

/// How progress is shown: a redrawn line on a terminal, plain lines everywhere else.
struct ProgressStyle: Sendable {
  var isTerminal: Bool
  var hasColour: Bool

  /// What standard error is. `TERM=dumb` cannot redraw a line; `NO_COLOR` is respected
  /// with any value but the empty one.
  init(environment: [String: String], isTerminal: Bool = isatty(STDERR_FILENO) == 1) {
    let term = environment["TERM"] ?? "dumb"
    self.isTerminal = isTerminal && term != "dumb"
    hasColour = self.isTerminal && (environment["NO_COLOR"] ?? "").isEmpty
  }

  func warning(_ text: String) -> String {
    hasColour ? "\u{1B}[33mwarning:\u{1B}[0m \(text)" : "warning: \(text)"
  }
}

/// Progress of something that may take longer than a second, on standard error
/// (5-commands). One at a time; `finish` before anything else is written.
final class Progress: Sendable {
  private struct State {
    var title = ""
    var detail = ""
    var fraction: Double?
    var started = ContinuousClock.now
    var frame = 0
    var isDrawn = false
    var ticker: Task<Void, Never>?
  }

  /// Nothing is drawn for what is over sooner.
  private static let delay = Duration.seconds(1)

  let style: ProgressStyle
  private let write: @Sendable (String) -> Void
  private let state = Mutex(State())

  init(
    style: ProgressStyle,
    write: @escaping @Sendable (String) -> Void = { StandardError.write($0) }
  ) {
    self.style = style
    self.write = write
  }

  /// Begins a new activity; a plain line outside a terminal.
  func begin(_ title: String) {
    state.withLock { state in
      erase(&state)
      if !style.isTerminal { write("\(title)\n") }
      let now = ContinuousClock.now
      if state.title.isEmpty { state.started = now }
      state.title = title
      state.detail = ""
      state.fraction = nil
      draw(&state)
      if style.isTerminal, state.ticker == nil { state.ticker = Task { await tick() } }
    }
  }

  /// - Parameters:
  ///   - fraction: 0 to 1, or `nil` where nobody knows.
  ///   - detail: what is being done; shortened to what fits.
  ///   - isStep: worth a plain line outside a terminal.
  func update(fraction: Double?, detail: String, isStep: Bool) {
    state.withLock { state in
      if let fraction { state.fraction = fraction }
      state.detail = detail
      if !style.isTerminal, isStep { write("  \(detail.prefix(160))\n") }
    }
  }

  /// Writes a line that stays.
  func note(_ line: String) {
    state.withLock { state in
      erase(&state)
      write("\(line)\n")
      draw(&state)
    }
  }

  /// Removes the drawn line and stops.
  func finish() {
    state.withLock { state in
      state.ticker?.cancel()
      state.ticker = nil
      erase(&state)
      state.title = ""
    }
  }

  private func tick() async {
    while !Task.isCancelled {
      do {
        try await Task.sleep(for: .milliseconds(120))
      } catch {
        // Cancelled: `finish` was called.
        return
      }
      state.withLock { state in
        state.frame += 1
        if state.ticker != nil { draw(&state) }
      }
    }
  }

  private func erase(_ state: inout State) {
    if state.isDrawn { write("\r\u{1B}[K") }
    state.isDrawn = false
  }

  private func draw(_ state: inout State) {
    let elapsed = ContinuousClock.now - state.started
    guard style.isTerminal, !state.title.isEmpty, elapsed >= Self.delay else { return }
    let line = ProgressLine(
      title: state.title, detail: state.detail, fraction: state.fraction,
      elapsed: elapsed, frame: state.frame)
    write("\r\(line.text(width: Self.terminalWidth(), hasColour: style.hasColour))\u{1B}[K")
    state.isDrawn = true
  }

  private static func terminalWidth() -> Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}
