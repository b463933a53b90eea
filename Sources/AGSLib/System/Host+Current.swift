internal import Glibc
internal import SystemPackage

/// A fact about the host that could not be found out.
public struct HostError: DescribedError {
  public var summary: String
  public var hint: String?
  public var exitStatus: ExitStatus { .failure }
}

extension Host {
  /// The facts of this process.
  public static func current() throws(HostError) -> Host {
    let variables = environmentOfThisProcess()
    let userID = getuid()
    let account = accountEntry(of: userID)
    guard let home = variables["HOME"].flatMap({ $0.hasPrefix("/") ? $0 : nil }) ?? account?.home
    else {
      throw HostError(
        summary: "the home directory of uid \(userID) is not known", hint: "set HOME")
    }
    guard let directory = getcwd(nil, 0) else {
      throw HostError(
        summary: "the current directory is gone or not readable",
        hint: "cd to a directory that exists")
    }
    defer { free(directory) }
    // As text such a name is another one, and another directory would be mounted.
    for (what, bytes) in [("the current directory", directory), ("HOME", getenv("HOME"))] {
      guard let bytes, String(validatingCString: bytes) == nil else { continue }
      throw HostError(
        summary: "the name of \(what) is not valid UTF-8: \(String(cString: bytes))",
        hint: "rename the directory")
    }
    guard let executable = realpath("/proc/self/exe", nil) else {
      throw HostError(
        summary: "this program's own file cannot be found through /proc/self/exe",
        hint: "check that /proc is mounted")
    }
    defer { free(executable) }
    return Host(
      environment: variables,
      home: FilePath(home).lexicallyNormalized(),
      userName: account?.name ?? variables["USER"] ?? "\(userID)",
      userID: userID,
      groupID: getgid(),
      supplementaryGroups: supplementaryGroups(),
      hardLimits: hardLimitsOfThisProcess(),
      currentDirectory: FilePath(platformString: directory),
      executable: FilePath(platformString: executable),
      standardInputIsTerminal: isatty(STDIN_FILENO) == 1,
      standardOutputIsTerminal: isatty(STDOUT_FILENO) == 1,
      otherHomes: otherHomes(than: FilePath(home).lexicallyNormalized(), userID, account?.home))
  }

  /// The lowest uid of people's accounts.
  private static let firstPerson: uid_t = 1000

  private static func otherHomes(
    than home: FilePath, _ userID: uid_t, _ ownHome: String?
  ) -> [FilePath] {
    var homes = Set([ownHome].compactMap(\.self))
    if userID == 0 {
      setpwent()
      defer { endpwent() }
      while let entry = getpwent() {
        if entry.pointee.pw_uid == 0 || entry.pointee.pw_uid >= firstPerson {
          homes.insert(String(cString: entry.pointee.pw_dir))
        }
      }
    }
    return homes.filter { $0.hasPrefix("/") }.sorted()
      .map { FilePath($0).lexicallyNormalized() }
      .filter { $0 != home && $0 != "/" }
  }

  private static func environmentOfThisProcess() -> [String: String] {
    var variables: [String: String] = [:]
    var cursor = environ
    while let entry = cursor.pointee {
      let text = String(cString: entry)
      if let equals = text.firstIndex(of: "=") {
        let name = String(text[..<equals])
        if variables[name] == nil { variables[name] = String(text[text.index(after: equals)...]) }
      }
      cursor += 1
    }
    return variables
  }

  private static func supplementaryGroups() -> [UInt32] {
    var groups = [gid_t](repeating: 0, count: Int(max(getgroups(0, nil), 0)))
    let count = getgroups(CInt(groups.count), &groups)
    return Array(groups.prefix(Int(max(count, 0))))
  }

  private static func accountEntry(of userID: uid_t) -> (name: String, home: String)? {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16384) { buffer in
      guard getpwuid_r(userID, &entry, buffer.baseAddress!, buffer.count, &found) == 0,
        found != nil
      else { return nil }
      return (String(cString: entry.pw_name), String(cString: entry.pw_dir))
    }
  }
}
