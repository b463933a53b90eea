/// What the guard makes of a command line.
struct ShellFinding: Equatable {
  /// Why it is refused whoever else is asked.
  var refusal: String?
  /// Why it is plainly destructive.
  var destruction: String?
}

/// Reads a command line and holds its words against the rules.
struct ShellRules<Files: GuardFiles> {
  private var paths: PathRules<Files>
  private var finding = ShellFinding()
  private let scope = ShellScope()
  private var depth = 0

  /// Command lines inside each other: `sh -c "sh -c …"`.
  static var maximumDepth: Int { 8 }

  private init(paths: PathRules<Files>) {
    self.paths = paths
    let homes = paths.homes.map { ShellText.literal(GuardPath.joined($0)) }
    scope.set(Array("HOME".utf8), to: homes)
    for name in ["USER", "LOGNAME"] {
      scope.set(Array(name.utf8), to: [ShellText.literal(paths.homes.first?.last ?? [])])
    }
    let directories = paths.directories.map { ShellText.literal(GuardPath.joined($0)) }
    if !directories.isEmpty { scope.set(Array("PWD".utf8), to: directories) }
  }

  static func examine(_ command: [UInt8], paths: PathRules<Files>) -> ShellFinding {
    var rules = ShellRules(paths: paths)
    rules.examine(command)
    return rules.finding
  }

  private mutating func examine(_ text: [UInt8]) {
    guard finding.refusal == nil else { return }
    guard depth < ShellRules.maximumDepth else {
      finding.refusal = "it holds too many commands inside each other to be checked"
      return
    }
    depth += 1
    defer { depth -= 1 }
    if DestructiveCommand.isForkBomb(text) { destroys("it starts processes without end") }
    if ShellText.contains(text, "*** Begin Patch") { examinePatch(text) }
    let first = scope.commands.count
    var reader = ShellReader(text, scope: scope)
    reader.readCommands()
    if scope.isTooIntricate {
      finding.refusal = "it expands to too much to be checked"
      return
    }
    let last = scope.commands.count
    for index in first..<last {
      examine(scope.commands[index])
      if finding.refusal != nil { return }
    }
  }

  private mutating func refuse(_ name: String) {
    if finding.refusal == nil {
      finding.refusal = "it refers to \(name), which holds keys or logins"
    }
  }

  private mutating func destroys(_ reason: String) {
    if finding.destruction == nil { finding.destruction = reason }
  }

  private mutating func examinePatch(_ text: [UInt8]) {
    for path in PatchText.paths(in: text) {
      if let reason = paths.unwritable(ShellText.literal(path)) {
        finding.refusal = "its patch changes \(GuardReason.shown(path)): \(reason)"
        return
      }
    }
  }

  private mutating func examine(_ command: ShellCommand) {
    let arguments = CommandWords(command.words)
    followDirectories(in: arguments)
    for index in command.words.indices where !arguments.isMessage(index) {
      examine(word: command.words[index], looks: true)
    }
    for redirection in command.redirections {
      examine(word: redirection.target, looks: true)
      guard redirection.isOutput else { continue }
      for text in redirection.target.alternatives {
        if let reason = paths.unwritable(text) { finding.refusal = "it writes a file: \(reason)" }
        if DestructiveCommand.isDisk(text) { destroys("it writes over a disk") }
      }
    }
    for text in command.texts { examine(text, of: command) }
    if finding.refusal != nil { return }
    for root in arguments.walkedRoots {
      guard let name = paths.walked(root: root) else { continue }
      finding.refusal = "it goes through a directory with \(name), which holds keys or logins"
    }
    if arguments.prunesWorktrees {
      finding.refusal =
        "git worktree prune: worktrees of the host are not all visible here and would be lost"
    }
    if let reason = DestructiveCommand.reason(arguments, paths: paths) { destroys(reason) }
    for script in arguments.scripts { examine(script) }
  }

  private mutating func followDirectories(in arguments: CommandWords) {
    for words in arguments.directories {
      // `cd` without a word goes home.
      let texts = words?.alternatives ?? [[ShellText.tilde]]
      for text in texts { paths.add(directory: text) }
    }
  }

  private mutating func examine(_ text: ShellCommand.HereText, of command: ShellCommand) {
    let isProgram = command.words.contains { $0.isProgram(CommandWords.shells) }
    if isProgram {
      for alternative in text.word.alternatives { examine(ShellText.source(alternative)) }
    }
    // What `cat` or `tee` puts into a file as it stands is a text, not a reference.
    if text.isVerbatim, !command.isPiped, !isProgram,
      command.words.first?.isProgram(["cat", "tee"]) == true
    {
      return
    }
    examine(word: text.word, looks: false)
  }

  private mutating func examine(word: ShellWord, looks: Bool) {
    for text in word.alternatives {
      if let name = paths.sensitive(text, looks: looks) { return refuse(name) }
      // `-i~/.ssh/x`
      if text.first == ShellText.dash, let tilde = text.firstIndex(of: ShellText.tilde),
        let name = paths.sensitive(Array(text[tilde...]), looks: looks)
      {
        return refuse(name)
      }
      examinePieces(of: text, looks: looks)
      if finding.refusal != nil { return }
    }
  }

  /// The paths inside a word: `--key=~/.ssh/x`, `host:/home/dev/.aws`, the code of
  /// another language.
  private mutating func examinePieces(of text: [UInt16], looks: Bool) {
    guard text.contains(where: { isSeparator($0) }) else { return }
    for piece in text.split(whereSeparator: { isSeparator($0) }) {
      // A word that holds code may keep the backslashes of another reading.
      let plain = piece.filter { $0 != UInt16(UInt8(ascii: "\\")) }
      if let name = paths.sensitive(plain, looks: looks) { return refuse(name) }
    }
  }

  private func isSeparator(_ unit: UInt16) -> Bool {
    guard let byte = UInt8(exactly: unit) else { return false }
    switch byte {
    case 0x09...0x0D, 0x20, UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"),
      UInt8(ascii: "="), UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: ";"),
      UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "<"), UInt8(ascii: ">"),
      UInt8(ascii: "|"), UInt8(ascii: "&"), UInt8(ascii: "{"), UInt8(ascii: "}"),
      UInt8(ascii: "@"), UInt8(ascii: "+"):
      return true
    default: return false
    }
  }
}
