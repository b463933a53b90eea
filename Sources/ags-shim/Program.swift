import CPosix

/// The agent's program, found in the image, with its arguments.
struct Program {
  private let file: String
  private let words: [String]

  /// Takes the first candidate that can be executed. Throws with status 127 when none
  /// is there, 126 when one is there and cannot be executed.
  init(firstOf commands: [[String]], path: String) throws(Failure) {
    var refused: String?
    for words in commands {
      guard let name = words.first else { continue }
      switch Program.find(name, path: path) {
      case .found(let file):
        self.file = file
        self.words = words
        return
      case .notExecutable(let file): refused = refused ?? file
      case .missing: continue
      }
    }
    if let refused {
      throw Failure("\(refused): is not executable", status: GuestExitStatus.notExecutable)
    }
    var names = ""
    for words in commands {
      names += (names.isEmpty ? "" : ", ") + (words.first ?? "")
    }
    throw Failure("\(names): not found in the image", status: GuestExitStatus.notFound)
  }

  /// A program that is known to be there.
  init(file: String, words: [String]) {
    self.file = file
    self.words = words
  }

  private enum Search {
    case found(String)
    case notExecutable(String)
    case missing
  }

  /// A name with a slash is a path. Relative entries of `PATH` are passed over: the
  /// working directory belongs to whoever wrote the repository.
  private static func find(_ name: String, path: String) -> Search {
    let slash = UInt8(ascii: "/")
    if name.utf8.contains(slash) { return examine(name) }
    var result = Search.missing
    for entry in path.utf8.split(separator: UInt8(ascii: ":")) where entry.first == slash {
      switch examine("\(Substring(entry))/\(name)") {
      case .found(let file): return .found(file)
      case .notExecutable(let file):
        if case .missing = result { result = .notExecutable(file) }
      case .missing: continue
      }
    }
    return result
  }

  private static func examine(_ file: String) -> Search {
    var found = cposix_file()
    guard cposix_look(file, 1, &found) == 0 else { return .missing }
    guard found.is_regular != 0, access(file, X_OK) == 0 else { return .notExecutable(file) }
    return .found(file)
  }

  /// Becomes the program; returns only the reason why not.
  func execute(_ environment: EnvironmentBlock) -> Failure {
    execve(file, cStringArray(words.map { strdup($0) }), environment.pointers)
    let error = cposix_errno()
    switch error {
    case ENOEXEC:
      guard isText else {
        return Failure(
          "\(file): is no program for this machine", status: GuestExitStatus.notExecutable)
      }
      // A script without a first line that says what runs it: as shells do.
      let shell = ["/bin/sh", file] + words.dropFirst()
      execve("/bin/sh", cStringArray(shell.map { strdup($0) }), environment.pointers)
      return Failure(
        "\(file): needs /bin/sh, which is not in the image", status: GuestExitStatus.notFound)
    case ENOENT:
      return Failure(
        "\(file): what it needs to run, its interpreter or loader, is not in the image",
        status: GuestExitStatus.notFound)
    case E2BIG:
      let what = environment.oversized.map { "variable \($0) is longer than 128 KiB" }
      return Failure(
        "\(file): \(what ?? "arguments and environment are larger than the kernel takes")",
        status: GuestExitStatus.notExecutable)
    default:
      return Failure(
        "\(file): cannot be executed: \(describe(error))", status: GuestExitStatus.notExecutable)
    }
  }

  /// Whether the file's beginning looks like text, as far as it matters for a shell.
  private var isText: Bool {
    let descriptor = cposix_open(file, O_RDONLY | O_CLOEXEC, 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var head = [UInt8](repeating: 0, count: 128)
    let count = head.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
    return count >= 0 && !head.prefix(count).contains(0)
  }
}
