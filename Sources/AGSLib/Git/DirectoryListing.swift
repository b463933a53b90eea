internal import CPosix
internal import Glibc

/// What `GitTrapScan` has to know of one directory's names.
struct DirectoryListing {
  private(set) var directories: [[UInt8]] = []
  /// Links, pipes and the like.
  private(set) var odd: [[UInt8]] = []
  /// Regular files git could care for; in a git directory all of them.
  private(set) var files: [[UInt8]] = []
  private var hasHead = false
  private var hasCommon = false
  private var hasObjects = false
  private var hasRefs = false

  /// Git would take it for a git directory, or a worktree's.
  var isGitDirectory: Bool { hasHead && (hasCommon || hasObjects && hasRefs) }

  /// Nil when the directory cannot be read.
  init?(_ descriptor: CInt, isInGit: Bool) {
    let copy = cposix_dup_high(descriptor)
    guard copy >= 0, let stream = fdopendir(copy) else { return nil }
    defer { closedir(stream) }
    errno = 0
    while let entry = readdir(stream) {
      let type = Int(entry.pointee.d_type)
      withUnsafeBytes(of: &entry.pointee.d_name) { buffer in
        let length = strlen(buffer.baseAddress!.assumingMemoryBound(to: CChar.self))
        let name = UnsafeRawBufferPointer(rebasing: buffer[..<length])
        add(name, Self.kind(name, type, descriptor), isInGit: isInGit)
      }
      errno = 0
    }
    guard errno == 0 else { return nil }
  }

  private mutating func add(
    _ name: UnsafeRawBufferPointer, _ kind: DataDirectory.Kind, isInGit: Bool
  ) {
    let first = name[0]
    // Looked at only where the first letter fits: this runs for every file there is.
    switch first {
    case UInt8(ascii: "."):
      if name.count == 1 || name.count == 2 && name[1] == first { return }
    case UInt8(ascii: "H"): hasHead = hasHead || name.elementsEqual("HEAD".utf8)
    case UInt8(ascii: "o"): hasObjects = hasObjects || name.elementsEqual("objects".utf8)
    case UInt8(ascii: "r"): hasRefs = hasRefs || name.elementsEqual("refs".utf8)
    case UInt8(ascii: "c"): hasCommon = hasCommon || name.elementsEqual("commondir".utf8)
    default: break
    }
    switch kind {
    case .directory: directories.append(Array(name))
    case .link, .other: odd.append(Array(name))
    case .file:
      // Names that have four letters, and what a bare repository has at its top.
      if isInGit || name.count == 4 || first == UInt8(ascii: "c") || first == UInt8(ascii: "g") {
        files.append(Array(name))
      }
    }
  }

  private static func kind(
    _ name: UnsafeRawBufferPointer, _ type: Int, _ directory: CInt
  ) -> DataDirectory.Kind {
    switch type {
    case Int(DT_DIR): return .directory
    case Int(DT_REG): return .file
    case Int(DT_LNK): return .link
    case Int(DT_UNKNOWN): break
    default: return .other
    }
    var facts = stat()
    let path = name.baseAddress!.assumingMemoryBound(to: CChar.self)
    guard fstatat(directory, path, &facts, AT_SYMLINK_NOFOLLOW) == 0 else { return .other }
    switch facts.st_mode & S_IFMT {
    case S_IFDIR: return .directory
    case S_IFREG: return .file
    case S_IFLNK: return .link
    default: return .other
    }
  }
}
