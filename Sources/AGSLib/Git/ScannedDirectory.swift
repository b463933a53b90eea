internal import CPosix
internal import Glibc

/// A directory that is open for as long as anything in it waits to be looked at.
final class ScannedDirectory {
  let descriptor: CInt
  /// How much of the scan's way leads to it.
  let length: Int
  /// What a directory that was closed had. It gets that back when all below it was seen:
  /// nobody could enter what is in it before.
  let mode: mode_t?
  private let closed: Closed?

  /// Counts those that wait for their mode, each with a descriptor.
  final class Closed {
    fileprivate(set) var count = 0
    /// Those that are inside of so many stay open: an agent can nest any number.
    static let limit = 100
  }

  init(_ descriptor: CInt, at length: Int) {
    self.descriptor = descriptor
    self.length = length
    mode = nil
    closed = nil
  }

  init(_ descriptor: CInt, at length: Int, restoring mode: mode_t, _ closed: Closed) {
    self.descriptor = descriptor
    self.length = length
    let isRestored = closed.count < Closed.limit
    self.mode = isRestored ? mode : nil
    self.closed = isRestored ? closed : nil
    if isRestored { closed.count += 1 }
  }

  deinit {
    if let mode { fchmod(descriptor, mode) }
    closed?.count -= 1
    close(descriptor)
  }
}

extension GitTrapScan {
  /// A directory its owner may not read or enter is opened for as long as anything in it is
  /// waiting.
  mutating func open(_ directory: Pending) -> ScannedDirectory? {
    let path = inner(directory.base.length)
    let name = path.isEmpty ? [UInt8(ascii: ".")] : Array(path)
    func enter(_ flags: CInt) -> CInt {
      (name + [0]).withUnsafeBufferPointer { bytes in
        bytes.withMemoryRebound(to: CChar.self) {
          cposix_open_beneath(directory.base.descriptor, $0.baseAddress!, flags | O_DIRECTORY)
        }
      }
    }
    var facts = stat()
    let descriptor = enter(O_RDONLY)
    if descriptor >= 0 {
      // Whoever may list it may still not be let in.
      let isOpen = fstat(descriptor, &facts) != 0 || facts.st_mode & S_IXUSR != 0
      guard !isOpen, fchmod(descriptor, 0o700) == 0 else {
        return ScannedDirectory(descriptor, at: way.count)
      }
      return closed(descriptor, facts)
    }
    // Gone, or something else by now: whoever works there meanwhile.
    if [ENOENT, ENOTDIR, ELOOP].contains(errno) { return nil }
    let place = errno == EACCES ? enter(CPOSIX_O_PATH) : -1
    defer { if place >= 0 { close(place) } }
    guard place >= 0, fstat(place, &facts) == 0, chmod("/proc/self/fd/\(place)", 0o700) == 0
    else {
      cannotRead(way)
      return nil
    }
    let opened = cposix_openat(place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard opened >= 0 else {
      cannotRead(way)
      return nil
    }
    return closed(opened, facts)
  }

  private func closed(_ descriptor: CInt, _ facts: stat) -> ScannedDirectory {
    ScannedDirectory(descriptor, at: way.count, restoring: facts.st_mode & 0o7777, closed)
  }
}
