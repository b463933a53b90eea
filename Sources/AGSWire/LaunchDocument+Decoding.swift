extension LaunchDocument {
  /// Where the two lines are in what came through the pipe, without their newlines.
  public struct Lines: Equatable, Sendable {
    public var header: Range<Int>
    public var environment: Range<Int>
  }

  /// Finds the two lines. Throws `.truncated` when the final newline is missing.
  public static func lines(
    in bytes: UnsafeBufferPointer<UInt8>
  ) throws(LaunchDocumentError) -> Lines {
    guard let first = bytes.firstIndex(of: 0x0A) else { throw .truncated }
    guard let second = bytes[(first + 1)...].firstIndex(of: 0x0A) else { throw .truncated }
    guard second == bytes.count - 1 else { throw .trailingBytes }
    return Lines(header: 0..<first, environment: (first + 1)..<second)
  }

  /// Everything but the environment, from the first line.
  public static func decodeHeader(
    _ line: UnsafeBufferPointer<UInt8>
  ) throws(LaunchDocumentError) -> LaunchDocument {
    let json = try read(line)
    guard json["v"]?.integer == version else { throw .unsupportedVersion }
    guard json.members?.count == 10 else { throw .invalid(member: "v") }

    var document = LaunchDocument(
      workingDirectory: try path(json, "workingDirectory"), commands: [])
    for entry in try list(json, "directories") {
      guard let mode = entry["mode"]?.integer, (0...0o7777).contains(mode) else {
        throw .invalid(member: "directories.mode")
      }
      document.directories.append(
        DirectoryEntry(path: try path(entry, "path"), mode: UInt32(mode)))
    }
    for entry in try list(json, "links") {
      guard let target = entry["target"]?.string, isTransportable(target), !target.isEmpty
      else { throw .invalid(member: "links.target") }
      document.links.append(LinkEntry(path: try path(entry, "path"), target: target))
    }
    for entry in try list(json, "mounts") {
      guard let device = entry["device"]?.unsigned, let inode = entry["inode"]?.unsigned,
        let isDirectory = entry["isDirectory"]?.bool
      else { throw .invalid(member: "mounts") }
      document.mounts.append(
        MountCheck(
          path: try path(entry, "path"), device: device, inode: inode,
          isDirectory: isDirectory))
    }
    for command in try list(json, "commands") { document.commands.append(try words(command)) }
    guard !document.commands.isEmpty else { throw .invalid(member: "commands") }
    guard let tmux = json["tmux"]?.string.flatMap({ Tmux(rawValue: $0) }) else {
      throw .invalid(member: "tmux")
    }
    document.tmux = tmux
    guard let dcg = json["dcg"]?.string.flatMap({ DCGNeed(rawValue: $0) }) else {
      throw .invalid(member: "dcg")
    }
    document.dcg = dcg
    document.ports = try ports(json)
    guard let usesRelay = json["usesRelay"]?.bool else { throw .invalid(member: "usesRelay") }
    document.usesRelay = usesRelay
    return document
  }

  /// The environment, from the second line. Only the process that becomes the agent
  /// calls this: what it returns are the secrets.
  public static func decodeEnvironment(
    _ line: UnsafeBufferPointer<UInt8>
  ) throws(LaunchDocumentError) -> [EnvironmentVariable] {
    guard case .array(let pairs) = try read(line) else { throw .invalid(member: "environment") }
    var variables: [EnvironmentVariable] = []
    variables.reserveCapacity(pairs.count)
    for pair in pairs {
      guard let pair = pair.array, pair.count == 2,
        let name = pair[0].string, let value = pair[1].string,
        !name.isEmpty, !name.utf8.contains(UInt8(ascii: "=")),
        isTransportable(name), isTransportable(value)
      else { throw .invalid(member: "environment") }
      variables.append(EnvironmentVariable(name: name, value: value))
    }
    return variables
  }

  private static func read(
    _ line: UnsafeBufferPointer<UInt8>
  ) throws(LaunchDocumentError) -> JSONValue {
    do throws(JSONError) {
      return try JSONReader.read(
        line, limits: JSONReader.Limits(size: maximumSize, depth: 4))
    } catch {
      throw .malformed(error)
    }
  }

  private static func list(
    _ json: JSONValue, _ name: String
  ) throws(LaunchDocumentError) -> [JSONValue] {
    guard let values = json[name]?.array else { throw .invalid(member: name) }
    return values
  }

  private static func path(
    _ json: JSONValue, _ name: String
  ) throws(LaunchDocumentError) -> String {
    guard let path = json[name]?.string, path.utf8.first == UInt8(ascii: "/"),
      isTransportable(path)
    else { throw .invalid(member: name) }
    return path
  }

  private static func ports(_ json: JSONValue) throws(LaunchDocumentError) -> [UInt16] {
    var ports: [UInt16] = []
    for value in try list(json, "ports") {
      guard let number = value.integer, let port = UInt16(exactly: number), port > 0,
        !ports.contains(port)
      else { throw .invalid(member: "ports") }
      ports.append(port)
    }
    return ports
  }

  private static func words(_ json: JSONValue) throws(LaunchDocumentError) -> [String] {
    guard let values = json.array, let program = values.first?.string, !program.isEmpty else {
      throw .invalid(member: "commands")
    }
    var words: [String] = []
    for value in values {
      guard let word = value.string, isTransportable(word) else {
        throw .invalid(member: "commands")
      }
      words.append(word)
    }
    return words
  }

  /// Whether the C library can carry the text: it would end at a NUL byte.
  private static func isTransportable(_ text: String) -> Bool { !text.utf8.contains(0) }
}
