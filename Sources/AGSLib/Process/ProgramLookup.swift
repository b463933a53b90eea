internal import CPosix
internal import Glibc
public import SystemPackage

/// Finds programs without starting one.
public enum ProgramLookup {
  /// The first executable regular file called `name` in the directories of `path`, a
  /// `PATH` value. Relative and empty entries are passed over, because what they mean
  /// depends on where the user stands. A `name` with a slash is not looked up.
  public static func find(_ name: String, path: String) -> FilePath? {
    guard !name.isEmpty, !name.contains("/") else { return nil }
    for entry in path.split(separator: ":") where entry.hasPrefix("/") {
      let candidate = FilePath(String(entry)).appending(name)
      if isExecutableFile(candidate) { return candidate }
    }
    return nil
  }

  /// The same in the `PATH` of `host`.
  public static func find(_ name: String, on host: Host) -> FilePath? {
    find(name, path: host.environment["PATH"] ?? "")
  }

  /// A regular file (links followed) this user may execute.
  public static func isExecutableFile(_ path: FilePath) -> Bool {
    path.withPlatformString { name in
      var status = stat()
      return stat(name, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        && access(name, X_OK) == 0
    }
  }
}
