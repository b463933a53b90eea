/// The rules of `ags-shim guard` (4-channels "Guard"). They advise an agent that
/// behaves; the boundary is the container. Pure but for looking at paths.
public enum Guard {
  /// What is known before `dcg` is asked.
  public enum Finding: Equatable, Sendable {
    case allowed
    /// With the reason, a few words.
    case refused(String)
    /// A command line no rule of ours refuses; `destruction` says why it is on the
    /// built-in list, if it is.
    case command([UInt8], destruction: String?)
  }

  /// What the session, the process and the hook document say about where the call runs.
  public struct Place: Sendable {
    public var session: SessionDocument
    /// Absolute home directories; the first is the agent's.
    public var homes: [[UInt8]]
    /// The working directory when the document names none, absolute.
    public var directory: [UInt8]

    public init(session: SessionDocument, homes: [[UInt8]], directory: [UInt8]) {
      self.session = session
      self.homes = homes
      self.directory = directory
    }
  }

  /// Holds a tool call against the rules.
  public static func examine<Files: GuardFiles>(
    _ hook: HookDocument, in place: Place, files: Files
  ) -> Finding {
    if place.session.yolo { return .allowed }
    var directory = place.directory
    if let own = hook.workingDirectory, own.first == UInt8(ascii: "/") { directory = own }
    var paths = PathRules(
      files: files, homes: place.homes, directory: directory, session: place.session)
    for text in hook.texts(of: .directory) { paths.add(directory: ShellText.literal(text)) }
    let tool = GuardTool(hook.toolName)
    if let reason = invalidity(of: hook, tool) { return .refused(reason) }
    switch tool {
    case .agentCommand: return .allowed
    case .read: return check(hook.texts(of: .path), paths, mayWrite: false)
    case .write: return check(hook.texts(of: .path), paths, mayWrite: true)
    case .patch: return patch(hook, paths)
    case .searchContent, .searchNames: return search(hook, tool, paths)
    case .shell: return shell(hook, paths)
    case .other(let mayWrite):
      let named = hook.texts(of: .path) + hook.texts(of: .directory)
      let finding = check(named, paths, mayWrite: mayWrite)
      guard finding == .allowed else { return finding }
      if hook.texts(of: .patch).contains(where: { ShellText.contains($0, "*** Begin Patch") }) {
        let finding = patch(hook, paths)
        guard finding == .allowed else { return finding }
      }
      return hook.texts(of: .command).isEmpty ? .allowed : shell(hook, paths)
    }
  }

  /// The answer, once `dcg` was asked for a command.
  public static func settle(_ finding: Finding, asked dcg: DCGAnswer, lockdown: Bool) -> Finding {
    guard case .command(_, let destruction) = finding else { return finding }
    switch dcg {
    case .allowed: return .allowed
    case .refused(let reason): return .refused("dcg: \(reason)")
    case .unavailable(let why):
      if lockdown { return .refused("in lockdown no command runs without dcg, and \(why)") }
      if let destruction { return .refused(destruction) }
      return .allowed
    }
  }

  /// A tool we know whose members are not what it takes.
  private static func invalidity(of hook: HookDocument, _ tool: GuardTool) -> String? {
    let needed: GuardField
    switch tool {
    case .read, .write: needed = .path
    case .shell: needed = .command
    case .searchContent, .searchNames:
      for field in hook.fields where field.text == nil {
        if let kind = GuardField(field.name), [.path, .pattern, .filter].contains(kind) {
          return "the hook document's tool_input has a member of the wrong type"
        }
      }
      return nil
    default: return nil
    }
    var isThere = false
    for field in hook.fields where GuardField(field.name) == needed {
      guard let text = field.text, !text.isEmpty || needed == .command else {
        return "the hook document's tool_input has a member of the wrong type"
      }
      isThere = true
    }
    // A listing without a path is one of the working directory.
    if isThere || ShellText.equal(GuardField.normalised(hook.toolName), "ls") { return nil }
    return "the hook document's tool_input does not say what the tool is used on"
  }

  private static func check<Files: GuardFiles>(
    _ texts: [[UInt8]], _ paths: PathRules<Files>, mayWrite: Bool
  ) -> Finding {
    for text in texts {
      let units = ShellText.literal(text)
      if units.count > PathRules<Files>.maximumLength {
        return .refused("a path is longer than any file's")
      }
      if mayWrite, let reason = paths.unwritable(units) {
        return .refused("\(GuardReason.shown(text)) is not to be written: \(reason)")
      }
      if let name = paths.sensitive(units) {
        return .refused("\(GuardReason.shown(text)): \(name) holds keys or logins")
      }
    }
    return .allowed
  }

  private static func patch<Files: GuardFiles>(
    _ hook: HookDocument, _ paths: PathRules<Files>
  ) -> Finding {
    let texts = hook.texts(of: .patch) + hook.texts(of: .command)
    for text in texts {
      let finding = check(PatchText.paths(in: text), paths, mayWrite: true)
      guard finding == .allowed else { return finding }
    }
    return texts.isEmpty
      ? .refused("the hook document's tool_input holds no patch")
      : check(hook.texts(of: .path), paths, mayWrite: true)
  }

  private static func search<Files: GuardFiles>(
    _ hook: HookDocument, _ tool: GuardTool, _ paths: PathRules<Files>
  ) -> Finding {
    let findsNames = tool == .searchNames
    var patterns = hook.texts(of: findsNames ? .pattern : .filter)
    if !findsNames, patterns.isEmpty, let type = hook.texts(of: .fileType).first {
      patterns = [Array("*.".utf8) + type]
    }
    var roots = hook.texts(of: .path) + hook.texts(of: .directory)
    if roots.isEmpty { roots = [[UInt8(ascii: ".")]] }
    for root in roots {
      let searched: [[UInt8]?] = patterns.isEmpty ? [nil] : patterns.map { $0 }
      for pattern in searched {
        let units = ShellText.literal(root)
        if let name = paths.searched(root: units, pattern: pattern, findsNames: findsNames) {
          return .refused(
            "a search in \(GuardReason.shown(root)) reaches \(name), which holds keys or logins; "
              + "search in a narrower directory")
        }
      }
    }
    return .allowed
  }

  private static func shell<Files: GuardFiles>(
    _ hook: HookDocument, _ paths: PathRules<Files>
  ) -> Finding {
    let texts = hook.texts(of: .command)
    // An array of words is one command.
    let command = texts.count == 1 ? texts[0] : GuardReason.quoted(texts)
    let finding = ShellRules.examine(command, paths: paths)
    if let reason = finding.refusal { return .refused("the command is refused: \(reason)") }
    return .command(
      command, destruction: finding.destruction.map { "the command is refused: \($0)" })
  }
}

extension HookDocument {
  fileprivate func texts(of kind: GuardField) -> [[UInt8]] {
    fields.compactMap { GuardField($0.name) == kind ? $0.text : nil }
  }
}

/// Words of the agent's in a reason.
enum GuardReason {
  /// At most 120 bytes of it.
  static func shown(_ text: [UInt8]) -> String {
    if text.count <= 120 { return String(decoding: text, as: UTF8.self) }
    return String(decoding: text.prefix(80), as: UTF8.self) + "…"
  }

  /// One command line of several words.
  static func quoted(_ words: [[UInt8]]) -> [UInt8] {
    var line: [UInt8] = []
    for word in words {
      if !line.isEmpty { line.append(0x20) }
      line.append(UInt8(ascii: "'"))
      for byte in word {
        if byte == UInt8(ascii: "'") {
          line.append(contentsOf: "'\\''".utf8)
        } else {
          line.append(byte)
        }
      }
      line.append(UInt8(ascii: "'"))
    }
    return line
  }
}

/// Codex's patches.
enum PatchText {
  private static let headers: [StaticString] = [
    "*** Add File: ", "*** Update File: ", "*** Delete File: ", "*** Move to: ",
  ]

  /// The files that a patch names.
  static func paths(in patch: [UInt8]) -> [[UInt8]] {
    var paths: [[UInt8]] = []
    for line in patch.split(separator: 0x0A) where line.contains(UInt8(ascii: "*")) {
      let text = line.drop { $0 == 0x20 || $0 == 0x09 }
      for header in headers where text.count > header.utf8CodeUnitCount {
        let count = header.utf8CodeUnitCount
        guard ShellText.equal(Array(text.prefix(count)), header) else { continue }
        var path = Array(text.dropFirst(count))
        while let last = path.last, last <= 0x20 { path.removeLast() }
        paths.append(path)
      }
    }
    return paths
  }
}
