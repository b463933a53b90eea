/// A simple command's words with an eye for what programs do with them.
struct CommandWords {
  let words: [ShellWord]
  /// Where a program's name may stand: behind assignments, a shell's own words and
  /// programs that run another one.
  let starts: [Int]

  static let shells: [StaticString] = [
    "sh", "bash", "dash", "zsh", "ksh", "mksh", "ash", "busybox", "fish",
  ]
  private static let reserved: [StaticString] = [
    "if", "then", "else", "elif", "do", "while", "until", "!", "{", "time", "coproc", "case",
    "function",
  ]
  private static let runners: [StaticString] = [
    "sudo", "doas", "env", "command", "builtin", "exec", "nohup", "nice", "ionice", "setsid",
    "stdbuf", "timeout", "xargs", "find", "fd", "parallel", "busybox", "chroot", "time", "watch",
    "su", "runuser", "unshare", "strace", "catchsegv", "chronic", "script", "flock", "setpriv",
  ]

  init(_ words: [ShellWord]) {
    self.words = words
    var start = 0
    while start < words.count,
      words[start].isAssignment || words[start].isOne(of: CommandWords.reserved)
    {
      start += 1
    }
    guard start < words.count else {
      starts = []
      return
    }
    // What a runner's options take is not known for each of them: every word behind it
    // may be the program.
    starts =
      words[start].isProgram(CommandWords.runners)
      ? Array(start..<words.count) : [start]
  }

  /// Places of one of these programs.
  func places(of programs: [StaticString]) -> [Int] {
    starts.filter { words[$0].isProgram(programs) }
  }

  func following(_ place: Int) -> ArraySlice<ShellWord> { words[(place + 1)...] }

  /// The words behind a place that are no options.
  func operands(behind place: Int) -> [ShellWord] {
    following(place).filter { !$0.isOption }
  }

  /// Where this command, or the rest of the line, may start relative paths: nil stands
  /// for the home directory.
  var directories: [ShellWord?] {
    var result: [ShellWord?] = []
    for place in places(of: ["cd", "pushd", "chdir"]) {
      let operands = operands(behind: place)
      result.append(operands.first)
    }
    for (word, next) in zip(words, words.dropFirst())
    where word.isOne(of: ["-C", "--directory", "--chdir", "--work-tree"]) {
      result.append(next)
    }
    for word in words {
      for prefix: StaticString in ["--directory=", "--chdir=", "--work-tree=", "-C"]
      where word.hasPrefix(prefix) {
        let rest = word.alternatives.map { Array($0.dropFirst(prefix.utf8CodeUnitCount)) }
        if rest.contains(where: { !$0.isEmpty }) { result.append(ShellWord(alternatives: rest)) }
      }
    }
    return result
  }

  /// A commit's message is a text, whatever it mentions.
  func isMessage(_ index: Int) -> Bool {
    guard index > 0, let place = places(of: ["git"]).first, place < index,
      words[place..<index].contains(where: { $0.isOne(of: ["commit", "tag", "merge", "stash"]) })
    else { return false }
    return words[index - 1].isOne(of: ["-m", "--message", "-am"])
      || words[index].hasPrefix("--message=")
  }

  /// `git worktree prune` with any options in between, or an alias for it.
  var prunesWorktrees: Bool {
    for place in places(of: ["git"]) {
      let rest = Array(following(place))
      for (index, word) in rest.enumerated() where word.isOne(of: ["worktree"]) {
        if rest[(index + 1)...].first(where: { !$0.isOption })?.isOne(of: ["prune"]) == true {
          return true
        }
      }
      let definesAlias = rest.contains {
        $0.alternatives.contains { ShellText.contains(ShellText.source($0), "alias.") }
      }
      let namesBoth = rest.contains {
        $0.alternatives.contains {
          let text = ShellText.source($0)
          return ShellText.contains(text, "worktree") && ShellText.contains(text, "prune")
        }
      }
      if definesAlias && namesBoth { return true }
    }
    return false
  }

  /// Directories that a program looks through with everything below.
  var walkedRoots: [[UInt16]] {
    var roots: [[UInt16]] = []
    for place in places(of: ["grep", "egrep", "fgrep", "rg", "ag", "ack"]) {
      // The first of several is what it looks for.
      let operands = operands(behind: place)
      let searched = operands.count > 1 ? Array(operands.dropFirst()) : operands
      roots += searched.flatMap { $0.alternatives }
      if operands.count < 2, words[place].isProgram(["rg", "ag", "ack"]) {
        roots.append([ShellText.dot])
      }
    }
    for place in places(of: ["tar", "zip", "7z"]) {
      var previous: ShellWord?
      for word in following(place) {
        let isDirectory = previous?.isOne(of: ["-C", "--directory"]) == true
        if !word.isOption, !isDirectory { roots += word.alternatives }
        previous = word
      }
    }
    for place in places(of: ["cp", "rsync", "scp"]) {
      roots += operands(behind: place).dropLast().flatMap { $0.alternatives }
    }
    return roots
  }

  /// Texts that a shell is started with: `sh -c TEXT`, `eval TEXT…`, `trap TEXT …`.
  var scripts: [[UInt8]] {
    var scripts: [[UInt8]] = []
    for place in words.indices where words[place].isProgram(CommandWords.shells) {
      let rest = following(place)
      guard let option = rest.firstIndex(where: { $0.hasShortOption(UInt8(ascii: "c")) }) else {
        continue
      }
      for word in words[(option + 1)...] { scripts += word.alternatives.map(ShellText.source) }
    }
    for place in places(of: ["eval", "trap", "su", "runuser", "watch", "script", "alias"]) {
      let rest = Array(following(place))
      var joined: [UInt8] = []
      for word in rest {
        for text in word.alternatives where word.isQuoted { scripts.append(ShellText.source(text)) }
        if let text = word.alternatives.first { joined += ShellText.source(text) + [0x20] }
      }
      if words[place].isProgram(["eval", "watch"]) { scripts.append(joined) }
    }
    return scripts
  }
}
