/// What a container's image runs: the machine and the C library, as a script of ours says
/// them. It decides which download is taken, nothing else.
struct InstallPlatform: Equatable {
  enum Library: String { case glibc, musl }

  /// As `uname -m` says it.
  var machine: String
  /// Nil when it could not be found out: what needs none fits then.
  var library: Library?
  var version: (major: Int, minor: Int) = (0, 0)

  static func == (one: InstallPlatform, other: InstallPlatform) -> Bool {
    one.machine == other.machine && one.library == other.library
      && one.version == other.version
  }

  init(machine: String, library: Library? = nil, version: (major: Int, minor: Int) = (0, 0)) {
    self.machine = machine
    self.library = library
    self.version = version
  }

  /// `MACHINE [LIBRARY VERSION]`, as in `x86_64 glibc 2.41`; nil for anything else.
  init?(line: some StringProtocol) {
    let words = line.split(separator: " ")
    guard let machine = words.first, machine.utf8.count < 32 else { return nil }
    self.init(machine: String(machine))
    guard words.count == 3 else { return }
    let numbers = words[2].split(separator: ".").map { Int($0) }
    guard let library = Library(rawValue: String(words[1])), numbers.count >= 2,
      let major = numbers[0], let minor = numbers[1]
    else { return nil }
    self.library = library
    version = (major, minor)
  }

  /// Whether a wheel's platform tag is for it.
  func runs(_ tag: some StringProtocol) -> Bool {
    if tag == "any" || tag == "linux_\(machine)" { return true }
    let old = ["manylinux1": "2_5", "manylinux2010": "2_12", "manylinux2014": "2_17"]
    for (name, version) in old where tag.hasPrefix("\(name)_") {
      return runs("manylinux_\(version)_\(tag.dropFirst(name.count + 1))")
    }
    // The machine's own name has a `_` in it.
    let parts = tag.split(separator: "_", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 4, parts[3] == machine, let major = Int(parts[1]),
      let minor = Int(parts[2])
    else { return false }
    switch (String(parts[0]), library) {
    case ("manylinux", .glibc), ("musllinux", .musl): return (major, minor) <= version
    default: return false
    }
  }
}
