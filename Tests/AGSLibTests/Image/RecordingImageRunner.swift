import AGSLib
import Glibc
import Synchronization
import SystemPackage

/// A runner that answers as podman, mmdebstrap and apt-get would and keeps what it was
/// asked. It has a small image store of its own; nothing is started.
final class RecordingImageRunner: CommandRunner {
  struct Store {
    var log: [String] = []
    /// Names of images to their ids.
    var images: [String: String] = [:]
    /// Images that a pull can fetch.
    var registry: Set<String> = []
    /// Containers, by the id of their image.
    var containers: [String: [String]] = [:]
    var buildStatus: Int32 = 0
    var buildLines: [String] = []
    /// What is found in the image.
    var tools = ["sh", "git"]
    var startStatus: Int32 = 0
    var builds = 0
    var containerfile = ""
    /// Commands that begin like this do not end until it is taken away.
    var hangs: String?
  }

  let store: Mutex<Store>
  let asked = Mutex<AsyncStream<String>.Continuation?>(nil)

  init(_ prepare: (inout Store) -> Void = { _ in }) {
    var store = Store()
    prepare(&store)
    self.store = Mutex(store)
  }

  static let imported = String(repeating: "b", count: 64)

  /// The `number`th built image, from 1.
  static func built(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: 64 - digits.count) + digits
  }

  var log: [String] { store.withLock { $0.log } }
  var images: [String: String] { store.withLock { $0.images } }

  func run(_ command: Command) async throws(CommandError) -> CommandResult {
    let program = command.executable.lastComponent?.string ?? ""
    let line = ([program] + command.arguments).joined(separator: " ")
    store.withLock { $0.log.append(line) }
    asked.withLock { _ = $0?.yield(line) }
    while let part = store.withLock({ $0.hangs }), line.hasPrefix(part) {
      do {
        try await Task.sleep(for: .milliseconds(10))
      } catch {
        throw .cancelled(command.executable)
      }
    }
    return store.withLock { answer(command, program: program, store: &$0) }
  }

  func stream(
    _ command: Command, onLine: @escaping @Sendable (String, OutputStream) -> Void
  ) async throws(CommandError) -> TerminationStatus {
    let result = try await run(command)
    for line in String(decoding: result.standardOutput, as: UTF8.self).split(separator: "\n") {
      onLine(String(line), .standardOutput)
    }
    return result.status
  }

  private func answer(_ command: Command, program: String, store: inout Store) -> CommandResult {
    let words = command.arguments
    switch (program, words.first ?? "") {
    case ("apt-get", _):
      return output(
        """
        http://mirror.example/debian/ Debian Debian
        http://mirror.example/security/ Debian Debian-Security
        https://other.example/ Example Example
        """)
    case ("mmdebstrap", _): return output("I: done")
    case ("podman", "manifest"), ("podman", "pull"):
      return store.registry.contains(words.last!)
        ? output("") : failure("no such host", status: 125)
    case ("podman", "import"):
      store.images[words.last!] = Self.imported
      return output("")
    case ("podman", "build"): return build(command, &store)
    case ("podman", "run"):
      guard store.startStatus == 0 else { return failure("cannot start", status: 125) }
      return output(store.tools.joined(separator: "\n"))
    case ("podman", "tag"):
      store.images[words[2]] = words[1]
      return output("")
    case ("podman", "ps"):
      let id = words[3].split(separator: "=").last.map(String.init) ?? ""
      return output((store.containers[id] ?? []).joined(separator: "\n"))
    case ("podman", "image"): return image(words, &store)
    default: return output("")
    }
  }

  private func build(_ command: Command, _ store: inout Store) -> CommandResult {
    func option(_ name: String) -> String {
      command.arguments[command.arguments.firstIndex(of: name)! + 1]
    }
    if option("--file") != "-" { store.containerfile = text(of: option("--file")) }
    guard store.buildStatus == 0 else {
      return CommandResult(
        status: .exited(store.buildStatus),
        standardOutput: Array(store.buildLines.joined(separator: "\n").utf8))
    }
    store.builds += 1
    write("sha256:\(Self.built(store.builds))", to: option("--iidfile"))
    return output(store.buildLines.joined(separator: "\n"))
  }

  private func image(_ words: [String], _ store: inout Store) -> CommandResult {
    let subject = words.last!
    let id = store.images[subject] ?? (store.images.values.contains(subject) ? subject : nil)
    switch words[1] {
    case "exists": return id == nil ? failure("", status: 1) : output("")
    case "inspect" where words[3] == "{{.Id}}":
      return id.map { output($0) } ?? failure("no such image", status: 125)
    case "inspect":
      let names = store.images.filter { $0.value == subject }.keys
      return output(names.sorted().joined(separator: "\n"))
    default: return output("")
    }
  }

  private func output(_ text: String) -> CommandResult {
    CommandResult(status: .exited(0), standardOutput: Array(text.utf8))
  }

  private func failure(_ text: String, status: Int32) -> CommandResult {
    CommandResult(status: .exited(status), standardError: Array(text.utf8))
  }
}

func text(of path: String) -> String {
  guard let file = fopen(path, "r") else { return "" }
  defer { fclose(file) }
  var bytes = [UInt8](repeating: 0, count: 1 << 16)
  let count = fread(&bytes, 1, bytes.count, file)
  return String(decoding: bytes[..<count], as: UTF8.self)
}

func write(_ text: String, to path: String) {
  guard let file = fopen(path, "w") else { return }
  fputs(text, file)
  fclose(file)
}
