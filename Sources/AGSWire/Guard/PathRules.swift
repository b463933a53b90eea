/// Which paths are off limits. Paths are `/`-separated parts; a part may have wildcards.
struct PathRules<Files: GuardFiles> {
  let files: Files
  /// Home directories: the agent's, and what `HOME` says if that is another.
  let homes: [[[UInt8]]]
  /// Where relative paths may start, resolved and as written.
  private(set) var directories: [[[UInt8]]] = []
  /// Those of them that hold no link: what is below need not be followed from the root.
  private var resolved: [[[UInt8]]] = []
  let writeRoots: [[[UInt8]]]
  let readRoots: [[[UInt8]]]

  static var maximumDirectories: Int { 32 }
  static var maximumLength: Int { 8192 }

  init(files: Files, homes: [[UInt8]], directory: [UInt8], session: SessionDocument) {
    self.files = files
    let homes = homes.map { GuardPath.split($0) }
    self.homes = homes
    writeRoots = session.writeRoots.map { GuardPath.split(Array($0.utf8)) }
    readRoots = session.readRoots.map { GuardPath.split(Array($0.utf8)) }
    add(directory: ShellText.literal(directory))
  }

  /// Lets relative paths start there too. Of text that is not a plain path nothing is
  /// learnt.
  mutating func add(directory text: [UInt16]) {
    for path in absolute(text) where path.allSatisfy({ ShellText.isLiteral($0) }) {
      let plain = path.map { ShellText.source($0) }
      let target = files.resolve(plain, from: [])
      if resolved.count < Self.maximumDirectories { resolved.append(target) }
      for directory in [target, lexical(plain)]
      where !directories.contains(directory) {
        if directories.count < Self.maximumDirectories { directories.append(directory) }
      }
    }
  }

  /// The name of what is off limits there, nil for any other path.
  /// - Parameter looks: whether links are followed.
  func sensitive(_ text: [UInt16], looks: Bool = true) -> String? {
    guard !text.isEmpty, text.count <= Self.maximumLength else { return nil }
    if let name = belowUnknownDirectory(text) { return name }
    for path in absolute(text) {
      if let name = match(lexical(path)) { return name }
      guard looks else { continue }
      let resolved = resolve(path)
      if let name = match(resolved) { return name }
    }
    return nil
  }

  /// Why nothing is to be written there, nil when it may.
  func unwritable(_ text: [UInt16]) -> String? {
    if let name = sensitive(text) { return "\(name) holds keys or logins" }
    if text.count > Self.maximumLength { return nil }
    for path in absolute(text) {
      for candidate in [lexical(path), resolve(path)] {
        if let last = candidate.last, SensitivePath.isSecretFileName(last) {
          return "files of that name hold secrets"
        }
        if isReadOnly(candidate) { return "it was handed in read-only" }
      }
    }
    return nil
  }

  /// The longer root decides.
  private func isReadOnly(_ path: [[UInt16]]) -> Bool {
    func longest(_ roots: [[[UInt8]]]) -> Int {
      var length = -1
      for root in roots where root.count > length && root.count <= path.count {
        let isPrefix = (0..<root.count).allSatisfy {
          path[$0].count == root[$0].count && path[$0].elementsEqual(root[$0].map { UInt16($0) })
        }
        if isPrefix { length = root.count }
      }
      return length
    }
    return longest(readRoots) > longest(writeRoots)
  }

  /// The paths that a text may stand for: `~` is every home, a relative one starts in
  /// every directory.
  func absolute(_ text: [UInt16]) -> [[[UInt16]]] {
    var text = text
    for prefix: StaticString in ["file://localhost", "file://"]
    where ShellText.hasPrefix(text, prefix) {
      text.removeFirst(prefix.utf8CodeUnitCount)
    }
    let parts = ShellText.split(text, at: ShellText.slash)
    if text.first == ShellText.slash { return [parts] }
    guard let first = parts.first else { return [] }
    let rest = Array(parts.dropFirst())
    func below(_ directories: [[[UInt8]]]) -> [[[UInt16]]] {
      directories.map { $0.map { ShellText.literal($0) } + rest }
    }
    for name: StaticString in ["~", "$HOME", "${HOME}"] where ShellText.equal(first, name) {
      return below(homes)
    }
    if ShellText.equal(first, "~+") { return below(directories) }
    if ShellText.equal(first, "~root") { return [[ShellText.literal("root")] + rest] }
    if first[0] == ShellText.tilde, first.count > 1 {
      return [[ShellText.literal("home"), Array(first.dropFirst())] + rest]
    }
    return directories.map { $0.map { ShellText.literal($0) } + parts }
  }

  /// `$SOMETHING/.ssh`: a directory nobody knows here could be the home directory.
  private func belowUnknownDirectory(_ text: [UInt16]) -> String? {
    guard let first = text.first else { return nil }
    var rest: ArraySlice<UInt16>
    if first == ShellText.unknown || first == ShellText.run || first == ShellText.star {
      rest = text.drop { $0 == first }
    } else if first == ShellText.dollar {
      rest = text.dropFirst().drop { $0 < 256 && ShellText.isName(UInt8(truncatingIfNeeded: $0)) }
    } else {
      return nil
    }
    guard rest.first == ShellText.slash else { return nil }
    rest = rest.dropFirst()
    return match(ShellText.split(Array(rest), at: ShellText.slash)[...], distinctiveOnly: true)
  }

  /// `.` and `..` taken as they are written.
  private func lexical(_ path: [[UInt16]]) -> [[UInt16]] {
    var result: [[UInt16]] = []
    for part in path {
      if ShellText.equal(part, ".") { continue }
      if ShellText.equal(part, "..") {
        if !result.isEmpty { result.removeLast() }
      } else {
        result.append(part)
      }
    }
    return result
  }

  private func lexical(_ path: [[UInt8]]) -> [[UInt8]] {
    lexical(path.map { ShellText.literal($0) }).map { ShellText.source($0) }
  }

  /// Links followed up to the first wildcard.
  func resolve(_ path: [[UInt16]]) -> [[UInt16]] {
    let plain = path.prefix { ShellText.isLiteral($0) }.map { ShellText.source($0) }
    var base: [[UInt8]] = []
    for directory in resolved where directory.count > base.count && plain.starts(with: directory) {
      base = directory
    }
    let target = files.resolve(Array(plain.dropFirst(base.count)), from: base)
    return lexical(target.map { ShellText.literal($0) } + path.dropFirst(plain.count))
  }

  private func isPresent(_ path: SensitivePath) -> Bool {
    homes.contains { files.exists($0 + path.components) }
  }

  private func match(_ path: [[UInt16]]) -> String? {
    // All that is off limits is below a name with a leading dot, which no wildcard finds.
    let mayMatch = path.contains { $0.first == ShellText.dot || $0.first == ShellText.unknown }
    if !mayMatch { return nil }
    for home in homes where home.count < path.count {
      let isBelow = (0..<home.count).allSatisfy {
        ComponentPattern.match(path[$0], home[$0]) != .none
      }
      if isBelow, let name = match(path[home.count...]) { return name }
    }
    if path.count > 2, ComponentPattern.match(path[0], Array("home".utf8)) != .none,
      let name = match(path[2...])
    {
      return name
    }
    if path.count > 1, ComponentPattern.match(path[0], Array("root".utf8)) != .none,
      let name = match(path[1...])
    {
      return name
    }
    // `/.ssh`: what is left of `"$SOMETHING" + "/.ssh"` in other languages.
    return match(path[...], distinctiveOnly: true)
  }

  private func match(_ path: ArraySlice<[UInt16]>, distinctiveOnly: Bool = false) -> String? {
    guard let first = path.first, first.count > 1 || first.first != ShellText.dot else {
      return nil
    }
    for sensitive in SensitivePath.all {
      if distinctiveOnly, !sensitive.isDistinctive { continue }
      guard path.count >= sensitive.components.count else { continue }
      var isCertain = true
      var matches = true
      for (part, own) in zip(path, sensitive.components) {
        switch ComponentPattern.match(part, own) {
        case .none: matches = false
        case .anything: isCertain = false
        case .specific: continue
        }
        if !matches { break }
      }
      // `*` only finds what is there.
      guard matches else { continue }
      if isCertain || (!distinctiveOnly && isPresent(sensitive)) { return sensitive.name }
    }
    return nil
  }
}
