internal import AGSWire
internal import CPosix
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// Shows pages in the user's browser, by the program that the desktop has for it: `wslview`
/// on WSL, else `xdg-open`.
final class PageOpener: Sendable {
  /// How long its exit is waited for. One that runs longer has become the browser.
  private static let patience = Duration.seconds(2)
  /// Programs that may run at the same time.
  private static let maximumRunning = 256

  private let host: Host
  private let isWSL: Bool
  private let running = Mutex(0)

  /// - Parameter kernelRelease: by which WSL is known.
  init(
    host: Host, kernelRelease: String? = SmallFile.firstLine("/proc/sys/kernel/osrelease")
  ) {
    self.host = host
    isWSL = kernelRelease?.lowercased().contains("microsoft") == true
  }

  /// Whether there is anywhere to show a page. If not, nothing is ever started.
  var hasDisplay: Bool {
    viewer != nil
      || ["DISPLAY", "WAYLAND_DISPLAY"].contains { host.environment[$0]?.isEmpty == false }
  }

  /// Returns when the program has ended well, or runs on after two seconds.
  func open(_ url: CheckedURL) async throws(ChannelFault) {
    guard let program = viewer ?? ProgramLookup.find("xdg-open", on: host) else {
      throw ChannelFault(
        .unavailable, "xdg-open is not installed on the host; in Debian the package is xdg-utils")
    }
    guard
      running.withLock({
        $0 += 1
        return $0 <= Self.maximumRunning
      })
    else {
      running.withLock { $0 -= 1 }
      throw ChannelFault(.limit, "too many programs that open pages are still running")
    }
    switch await outcome(of: program, url.text) {
    case nil, .success(.exited(0)): return
    case .success(.exited(let status)):
      throw ChannelFault(.failed, "\(Self.name(program)) on the host failed with status \(status)")
    case .success(.signalled(let signal)):
      throw ChannelFault(.failed, "\(Self.name(program)) on the host was ended by signal \(signal)")
    case .failure(let error):
      throw ChannelFault(
        .failed,
        "\(Self.name(program)) could not be started on the host: \(error.cause ?? error.summary)")
    }
  }

  private var viewer: FilePath? { isWSL ? ProgramLookup.find("wslview", on: host) : nil }

  /// Nil while it still runs.
  private func outcome(
    of program: FilePath, _ argument: String
  ) async -> Result<TerminationStatus, SpawnError>? {
    let (outcomes, outcome) = AsyncStream<Result<TerminationStatus, SpawnError>?>.makeStream()
    // Reaps it whenever it ends, so the task is nobody's child.
    Task {
      outcome.yield(await BlockingThread().run { self.run(program, argument) })
      self.running.withLock { $0 -= 1 }
    }
    let timer = Task {
      // Cancelled is as good as over: nobody listens any more.
      try? await Task.sleep(for: Self.patience)
      outcome.yield(nil)
    }
    defer { timer.cancel() }
    for await result in outcomes { return result }
    return nil
  }

  private func run(
    _ program: FilePath, _ argument: String
  ) -> Result<TerminationStatus, SpawnError> {
    do throws(SpawnError) {
      let nothing = cposix_open("/dev/null", O_RDWR | O_CLOEXEC, 0)
      guard nothing >= 0 else {
        throw SpawnError(
          summary: "cannot open /dev/null", cause: String(cString: strerror(errno)))
      }
      defer { close(nothing) }
      let process = try AttachedProcess.spawn(
        program, arguments: [argument], environment: ChildEnvironment.desktop(host), passing: [],
        in: "/", standard: .init(input: nothing, output: nothing, error: nothing))
      return .success(process.reap())
    } catch {
      return .failure(error)
    }
  }

  private static func name(_ program: FilePath) -> String {
    program.lastComponent?.string ?? program.string
  }
}
