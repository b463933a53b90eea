/// The few commands that are plainly destructive, for when `dcg` cannot be asked
/// (4-channels "Guard"): what nobody wants even in a sandbox whose workspace is real.
enum DestructiveCommand {
  private static let systemDirectories: [StaticString] = [
    "bin", "boot", "dev", "etc", "home", "lib", "lib64", "opt", "proc", "root", "sbin", "srv",
    "sys", "usr", "var",
  ]

  static func reason<Files: GuardFiles>(
    _ arguments: CommandWords, paths: PathRules<Files>
  ) -> String? {
    for place in arguments.starts {
      let word = arguments.words[place]
      let rest = arguments.following(place)
      if word.isProgram(["rm"]), isRecursive(rest, "r") || isRecursive(rest, "R"),
        removesEssentials(rest, paths)
      {
        return "it removes a system directory, a home directory or a repository's .git"
      }
      if word.isProgram(["chmod", "chown", "chgrp"]), isRecursive(rest, "R"),
        removesEssentials(rest, paths)
      {
        return "it changes the permissions of a whole system or home directory"
      }
      if word.isProgram(["find"]), rest.contains(where: { $0.isOne(of: ["-delete"]) }),
        removesEssentials(rest.prefix { !$0.isOption }, paths)
      {
        return "it removes everything below a system or home directory"
      }
      if word.isProgram(["wipefs", "blkdiscard", "mke2fs"]) || isMakeFilesystem(word) {
        return "it makes or wipes a file system"
      }
      if word.isProgram(["shred"]),
        rest.contains(where: { $0.alternatives.contains(where: isDisk) })
      {
        return "it writes over a disk"
      }
      if word.isProgram(["dd"]), rest.contains(where: writesDisk) { return "it writes over a disk" }
      if word.isProgram(["git"]), forcesMainBranch(Array(rest)) {
        return "it overwrites the history of a main branch"
      }
    }
    return nil
  }

  private static func isRecursive(
    _ words: ArraySlice<ShellWord>, _ letter: Unicode.Scalar
  ) -> Bool {
    words.contains {
      $0.hasShortOption(UInt8(ascii: letter)) || $0.isOne(of: ["--recursive"])
    }
  }

  private static func removesEssentials<Files: GuardFiles>(
    _ words: ArraySlice<ShellWord>, _ paths: PathRules<Files>
  ) -> Bool {
    for word in words where !word.isOption {
      for text in word.alternatives {
        for path in paths.absolute(text) where isEssential(paths.resolve(path), paths) {
          return true
        }
      }
    }
    return false
  }

  private static func isEssential<Files: GuardFiles>(
    _ path: [[UInt16]], _ paths: PathRules<Files>
  ) -> Bool {
    var path = path
    // What `/*` finds is as bad as `/`.
    while let last = path.last, last.allSatisfy({ $0 >= 256 || $0 == ShellText.dot }) {
      path.removeLast()
    }
    if path.isEmpty { return true }
    if path.count == 1 {
      return systemDirectories.contains { ShellText.equal(path[0], $0) }
    }
    if path.count == 2, ShellText.equal(path[0], "home") { return true }
    if path.last.map({ ShellText.equal($0, ".git") }) == true { return true }
    return paths.homes.contains { $0.map { ShellText.literal($0) } == path }
  }

  private static func isMakeFilesystem(_ word: ShellWord) -> Bool {
    word.alternatives.contains { text in
      let name = text.lastIndex(of: ShellText.slash).map { Array(text[($0 + 1)...]) } ?? text
      return ShellText.equal(name, "mkfs") || ShellText.hasPrefix(name, "mkfs.")
    }
  }

  /// A device that is neither a sink nor a terminal.
  static func isDisk(_ text: [UInt16]) -> Bool {
    guard ShellText.hasPrefix(text, "/dev/") else { return false }
    let name = Array(text.dropFirst(5))
    let harmless: [StaticString] = [
      "null", "zero", "full", "stdout", "stderr", "stdin", "tty", "fd", "shm", "pts", "tcp", "udp",
      "ptmx", "random", "urandom", "console",
    ]
    return !harmless.contains { word in
      ShellText.equal(name, word)
        || ShellText.hasPrefix(name, word) && name[word.utf8CodeUnitCount] == ShellText.slash
    }
  }

  private static func writesDisk(_ word: ShellWord) -> Bool {
    word.alternatives.contains { ShellText.hasPrefix($0, "of=") && isDisk(Array($0.dropFirst(3))) }
  }

  /// `git push --force … main`, `git push origin +main`, `--mirror`, `--delete main`.
  private static func forcesMainBranch(_ words: [ShellWord]) -> Bool {
    guard let push = words.firstIndex(where: { $0.isOne(of: ["push"]) }),
      words[..<push].allSatisfy({ !$0.isOne(of: ["commit", "log", "grep", "stash", "subtree"]) })
    else { return false }
    let rest = words[(push + 1)...]
    if rest.contains(where: { $0.isOne(of: ["--mirror"]) }) { return true }
    let isForced = rest.contains {
      $0.isOne(of: ["--force", "--delete"]) || $0.hasShortOption(UInt8(ascii: "f"))
        || $0.hasShortOption(UInt8(ascii: "d"))
    }
    return rest.contains { word in
      word.alternatives.contains { text in
        var text = text
        var isForced = isForced
        if text.first == UInt16(UInt8(ascii: "+")) {
          text.removeFirst()
          isForced = true
        }
        if let colon = text.firstIndex(of: UInt16(UInt8(ascii: ":"))) {
          if colon == 0 { isForced = true }
          text = Array(text[(colon + 1)...])
        }
        if ShellText.hasPrefix(text, "refs/heads/") { text.removeFirst(11) }
        return isForced && (ShellText.equal(text, "main") || ShellText.equal(text, "master"))
      }
    }
  }

  /// A function that pipes itself into itself in the background: `f(){ f|f& };f`.
  static func isForkBomb(_ text: [UInt8]) -> Bool {
    // Longer texts hold the characters for other reasons.
    guard text.count < 4096 else { return false }
    let dense = text.filter { $0 > 0x20 }
    let opening = ShellText.bytes("(){")
    guard dense.count > 3 else { return false }
    for index in 1..<(dense.count - 2) where Array(dense[index..<(index + 3)]) == opening {
      var start = index
      while start > 0, ShellText.isName(dense[start - 1]) || dense[start - 1] == UInt8(ascii: ":") {
        start -= 1
      }
      let name = dense[start..<index]
      if name.isEmpty { continue }
      let body = Array(name) + [UInt8(ascii: "|")] + Array(name) + [UInt8(ascii: "&")]
      if dense[(index + 3)...].starts(with: body) { return true }
    }
    return false
  }
}
