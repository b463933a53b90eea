import FoundationEssentials
public import SystemPackage

/// A `podman` to be put first on PATH which runs nothing: it records each call with its
/// environment and answers as it was told to.
public struct RecordingPodman: Sendable {
  /// One call of it.
  public struct Call: Sendable, Equatable {
    public var arguments: [String]
    public var environment: [String: String]
  }

  /// The directory to put first on PATH.
  public let directory: FilePath

  /// Makes the program in `directory`, which must exist and be empty.
  public init(in directory: FilePath) throws {
    self.directory = directory
    for name in ["calls", "answers"] {
      try FileManager.default.createDirectory(
        atPath: directory.appending(name).string, withIntermediateDirectories: false)
    }
    try Self.install(Self.program, at: directory.appending("podman"))
  }

  /// What `podman SUBCOMMAND …` prints and exits with from now on; everything else answers
  /// nothing with status 0.
  public func answer(
    _ subcommand: String, with output: String = "", error: String = "", status: Int32 = 0
  ) throws {
    try answer(
      subcommand,
      script: """
        printf %s \(Self.quoted(output))
        printf %s \(Self.quoted(error)) >&2
        exit \(status)
        """)
  }

  /// The same as a shell script, which sees podman's arguments and open descriptors.
  public func answer(_ subcommand: String, script: String) throws {
    try Self.install(
      "#!/bin/sh\n\(script)\n", at: directory.appending("answers").appending(subcommand))
  }

  /// All calls in the order they began.
  public func calls() throws -> [Call] {
    let folder = directory.appending("calls").string
    return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      .filter { $0.hasSuffix(".argv") }
      .map { name in
        let base = "\(folder)/\(name.dropLast(".argv".count))"
        return Call(
          arguments: try Self.fields(base + ".argv"),
          environment: Dictionary(
            try Self.fields(base + ".env").compactMap { entry in
              entry.firstIndex(of: "=").map {
                (String(entry[..<$0]), String(entry[entry.index(after: $0)...]))
              }
            }, uniquingKeysWith: { first, _ in first }))
      }
  }

  /// Names sort by time; the process id keeps two of one moment apart.
  private static let program = """
    #!/bin/sh
    here=${0%/*}
    call=$here/calls/$(/bin/date +%s%N)-$$
    /usr/bin/env -0 >"$call.env"
    : >"$call.argv"
    for argument; do printf '%s\\0' "$argument" >>"$call.argv"; done
    if [ -x "$here/answers/$1" ]; then exec "$here/answers/$1" "$@"; fi

    """

  private static func fields(_ path: String) throws -> [String] {
    let bytes = try Data(contentsOf: URL(filePath: path))
    return bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast()
      .map { String(decoding: $0, as: UTF8.self) }
  }

  private static func install(_ script: String, at path: FilePath) throws {
    try Data(script.utf8).write(to: URL(filePath: path.string))
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: path.string)
  }

  private static func quoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
      + "'"
  }
}
