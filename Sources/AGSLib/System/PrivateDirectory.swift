internal import CPosix
internal import Glibc
public import SystemPackage

/// A directory that is not what it must be, or could not be made.
public struct DirectoryError: DescribedError {
  public var summary: String
  public var cause: String?
  public var hint: String?
  public var exitStatus: ExitStatus { .failure }
}

/// Directories only this user can enter: runtime, session and state directories.
/// Nothing is followed: a link planted in the place of one is an error
/// (6-security 14).
public enum PrivateDirectory {
  /// Makes `path` with mode 0700 if it is missing, one level only, and checks what is
  /// there: a real directory, owned by `userID`, closed to everybody else.
  /// - Parameter isShared: others may enter it, as podman lets them enter
  ///   `XDG_RUNTIME_DIR`, but not write.
  public static func ensure(
    _ path: FilePath, userID: UInt32, isShared: Bool = false
  ) throws(DirectoryError) {
    if mkdir(path.string, 0o700) != 0, errno != EEXIST {
      throw DirectoryError(
        summary: "cannot make the directory \(path)", cause: String(cString: strerror(errno)),
        hint: "check who owns \(path.removingLastComponent()) and that it is writable")
    }
    var facts = stat()
    guard lstat(path.string, &facts) == 0 else {
      throw DirectoryError(
        summary: "cannot look at the directory \(path)", cause: String(cString: strerror(errno)))
    }
    guard facts.st_mode & S_IFMT == S_IFDIR else {
      throw DirectoryError(
        summary: "\(path) is not a real directory", hint: "move it away; ags makes its own")
    }
    guard facts.st_uid == userID else {
      throw DirectoryError(
        summary: "\(path) belongs to uid \(facts.st_uid), not to you (uid \(userID))",
        hint: "remove it, or set XDG_RUNTIME_DIR to a directory of your own")
    }
    guard facts.st_mode & (isShared ? 0o022 : 0o077) == 0 else {
      let mode = String(facts.st_mode & 0o777, radix: 8)
      throw DirectoryError(
        summary: "\(path) is open to other users (mode \(mode))", hint: "chmod 700 \(path)")
    }
  }

  /// Makes every missing level of `path` with mode 0700. Levels that exist are left as
  /// they are, links included: for the user's own directories (`~/.local/state/ags`).
  public static func makeAll(_ path: FilePath) throws(DirectoryError) {
    if mkdir(path.string, 0o700) == 0 { return }
    if errno == ENOENT, !path.removingLastComponent().isEmpty, path.lastComponent != nil {
      try makeAll(path.removingLastComponent())
      if mkdir(path.string, 0o700) == 0 { return }
    }
    let reason = errno
    var facts = stat()
    if reason == EEXIST, stat(path.string, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR {
      return
    }
    throw DirectoryError(
      summary: "cannot make the directory \(path)",
      cause: reason == EEXIST ? "a file is in its place" : String(cString: strerror(reason)),
      hint: "check who owns \(path.removingLastComponent()) and that it is writable")
  }
}
