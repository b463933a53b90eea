import CPosix

/// Bytes that may be secret: in pages of their own, which growing moves instead of
/// copying, and which are zeroed before they are given back.
struct WipedBytes: ~Copyable {
  private var start: UnsafeMutableRawPointer
  private var capacity: Int
  private(set) var count = 0

  /// Throws when there is no memory.
  init() throws(Failure) {
    capacity = 64 << 10
    guard let memory = cposix_map(capacity) else { throw Failure("out of memory") }
    start = memory
  }

  deinit {
    cposix_wipe(start, count)
    cposix_unmap(start, capacity)
  }

  /// Reads once from a descriptor, up to `limit` bytes in all. False at the end of the
  /// file.
  mutating func read(from descriptor: Int32, limit: Int) throws(Failure) -> Bool {
    if count == capacity {
      guard count < limit else { throw Failure("the launch document is too large") }
      guard let moved = cposix_grow(start, capacity, capacity * 2) else {
        throw Failure("out of memory")
      }
      start = moved
      capacity *= 2
    }
    let got = CPosix.read(descriptor, start + count, capacity - count)
    if got > 0 {
      count += got
      return true
    }
    if got == 0 { return false }
    let error = cposix_errno()
    if error == EINTR || error == EAGAIN { return true }
    throw Failure("cannot read the launch document: \(describe(error))")
  }

  /// Valid as long as this value is.
  private func view(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
    let range = range.clamped(to: 0..<count)
    return UnsafeBufferPointer(
      start: (start + range.lowerBound).assumingMemoryBound(to: UInt8.self),
      count: range.count)
  }

  /// Where the launch document's two lines are. A truncated document means that `ags`
  /// is gone, and says nothing.
  func lines() throws(Failure) -> LaunchDocument.Lines {
    do throws(LaunchDocumentError) {
      return try LaunchDocument.lines(in: view(0..<count))
    } catch {
      if error == .truncated { throw Failure(nil, status: GuestExitStatus.lifelineClosed) }
      throw Failure(error.message)
    }
  }

  func header(_ lines: LaunchDocument.Lines) throws(Failure) -> LaunchDocument {
    do throws(LaunchDocumentError) {
      return try LaunchDocument.decodeHeader(view(lines.header))
    } catch {
      throw Failure(error.message)
    }
  }

  /// Copies the secrets: for the process that becomes the agent only.
  func environment(
    _ lines: LaunchDocument.Lines
  ) throws(Failure) -> [LaunchDocument.EnvironmentVariable] {
    do throws(LaunchDocumentError) {
      return try LaunchDocument.decodeEnvironment(view(lines.environment))
    } catch {
      throw Failure(error.message)
    }
  }
}
