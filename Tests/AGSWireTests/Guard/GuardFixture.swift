import Testing

@testable import AGSWire

/// A file system made of names.
struct MadeFiles: GuardFiles {
  var missing: Set<String> = []
  var links: [String: String] = [:]

  func look(_ path: [UInt8]) -> GuardFile {
    let path = String(decoding: path, as: UTF8.self)
    if let target = links[path] { return .link(to: Array(target.utf8)) }
    return missing.contains(path) ? .missing : .other
  }
}

/// The guard in a workspace with a home in which everything sensitive is there.
struct GuardFixture {
  var session = SessionDocument(lockdown: false, writeRoots: ["/work/project"])
  var directory = "/work/project"
  var homes = ["/home/dev"]
  var files = MadeFiles(links: [
    "/work/project/keys": "/home/dev/.ssh", "/work/project/up": "..",
    "/work/project/home": "/home/dev", "/work/project/round": "round",
    "/work/project/deep": "home/.config", "/tmp/key.txt": "/home/dev/.ssh/id_x",
    "/work/project/settings": ".env", "/proc/self/root": "/",
  ])

  func document(_ tool: String, _ input: JSONValue) -> [UInt8] {
    JSONValue.object([
      JSONMember("session_id", .string("s")), JSONMember("hook_event_name", .string("PreToolUse")),
      JSONMember("cwd", .string(directory)), JSONMember("tool_name", .string(tool)),
      JSONMember("tool_input", input),
    ]).encoded()
  }

  func finding(_ tool: String, _ members: [(String, JSONValue)]) throws -> Guard.Finding {
    let input = JSONValue.object(members.map { JSONMember($0.0, $0.1) })
    return try finding(document(tool, input))
  }

  func finding(_ bytes: [UInt8], piece: Int = 4096) throws -> Guard.Finding {
    var source = ArraySource(bytes: bytes, piece: piece)
    let hook = try HookDocument.read(&source)
    let place = Guard.Place(
      session: session, homes: homes.map { Array($0.utf8) }, directory: Array("/".utf8))
    return Guard.examine(hook, in: place, files: files)
  }

  /// nil when nothing speaks against the command, or why it is refused.
  func refusal(ofCommand command: String) throws -> String? {
    let finding = try finding("Bash", [("command", .string(command))])
    switch Guard.settle(finding, asked: .unavailable("it is not there"), lockdown: false) {
    case .allowed: return nil
    case .refused(let reason): return reason
    case .command: return "unsettled"
    }
  }

  func refusal(_ tool: String, _ members: (String, JSONValue)...) throws -> String? {
    switch try finding(tool, members) {
    case .allowed: return nil
    case .refused(let reason): return reason
    case .command: return "a command"
    }
  }
}

struct ArraySource: ByteSource {
  var bytes: [UInt8]
  /// The most bytes given at once.
  var piece: Int
  var position = 0
  var failsAtEnd = false

  mutating func read(into buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
    let count = min(piece, buffer.count, bytes.count - position)
    if count == 0, failsAtEnd { return -1 }
    for index in 0..<count { buffer[index] = bytes[position + index] }
    position += count
    return count
  }
}
