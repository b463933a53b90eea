extension LaunchDocument {
  /// The two lines, as they go into the pipe. The bytes hold secrets: the caller writes
  /// them to the pipe and nowhere else.
  public func encoded() -> [UInt8] {
    var output: [UInt8] = []
    append(headerTo: &output)
    let pairs = environment.map { variable in
      JSONValue.array([.string(variable.name), .string(variable.value)])
    }
    JSONValue.array(pairs).append(to: &output)
    output.append(0x0A)
    return output
  }

  /// The first line alone, for a process that gets the environment in another way.
  public func encodedHeader() -> [UInt8] {
    var output: [UInt8] = []
    append(headerTo: &output)
    return output
  }

  private func append(headerTo output: inout [UInt8]) {
    header.append(to: &output)
    output.append(0x0A)
  }

  private var header: JSONValue {
    .object([
      JSONMember("v", .integer(LaunchDocument.version)),
      JSONMember("directories", .array(directories.map { $0.json })),
      JSONMember("links", .array(links.map { $0.json })),
      JSONMember("mounts", .array(mounts.map { $0.json })),
      JSONMember("workingDirectory", .string(workingDirectory)),
      JSONMember(
        "commands", .array(commands.map { .array($0.map { JSONValue.string($0) }) })),
      JSONMember("tmux", .string(tmux.rawValue)),
      JSONMember("dcg", .string(dcg.rawValue)),
      JSONMember("ports", .array(ports.map { .integer(Int64($0)) })),
      JSONMember("usesRelay", .bool(usesRelay)),
    ])
  }
}

extension LaunchDocument.DirectoryEntry {
  fileprivate var json: JSONValue {
    .object([JSONMember("path", .string(path)), JSONMember("mode", .integer(Int64(mode)))])
  }
}

extension LaunchDocument.LinkEntry {
  fileprivate var json: JSONValue {
    .object([JSONMember("path", .string(path)), JSONMember("target", .string(target))])
  }
}

extension LaunchDocument.MountCheck {
  fileprivate var json: JSONValue {
    .object([
      JSONMember("path", .string(path)),
      JSONMember("device", .unsigned(device)),
      JSONMember("inode", .unsigned(inode)),
      JSONMember("isDirectory", .bool(isDirectory)),
    ])
  }
}
