/// What a tool does, as far as the rules differ. Agents spell their tools in their own
/// ways (`Read`, `read`, `read_file`), so only letters count.
enum GuardTool: Equatable {
  /// Reads what it is given.
  case read
  /// Reads whatever a pattern finds below a directory.
  case searchContent, searchNames
  case write
  case patch
  case shell
  /// Names a file or a command in some members, or nothing.
  case other(mayWrite: Bool)
  /// An agent's own command, which no shell sees.
  case agentCommand

  init(_ toolName: [UInt8]) {
    let name = GuardField.normalised(toolName)
    func isOne(of names: [StaticString]) -> Bool {
      names.contains { ShellText.equal(name, $0) }
    }
    if isOne(of: ["read", "readfile", "notebookread", "ls", "listdirectory", "viewimage"]) {
      self = .read
    } else if isOne(of: ["grep", "searchfilecontent"]) {
      self = .searchContent
    } else if isOne(of: ["glob", "find"]) {
      self = .searchNames
    } else if isOne(of: ["write", "edit", "multiedit", "notebookedit", "writefile", "replace"]) {
      self = .write
    } else if isOne(of: ["applypatch"]) {
      self = .patch
    } else if isOne(of: ["bash", "shell", "execcommand", "localshell", "runshellcommand"]) {
      self = .shell
    } else if isOne(of: ["slashcommand", "skill"]) {
      self = .agentCommand
    } else {
      let verbs: [StaticString] = [
        "write", "edit", "patch", "create", "delete", "remove", "move", "rename", "replace", "save",
      ]
      self = .other(mayWrite: verbs.contains { ShellText.contains(name, $0) })
    }
  }
}

/// What a member of `tool_input` stands for, by its name; nil when the guard has no use
/// for it.
enum GuardField: Equatable {
  case path, command, pattern, filter, fileType, patch, directory

  init?(_ name: [UInt8]) {
    func isOne(of names: [StaticString]) -> Bool {
      names.contains { ShellText.equal(name, $0) }
    }
    if isOne(of: [
      "path", "paths", "file", "files", "filepath", "filepaths", "filename", "filenames",
      "absolutepath", "relativepath", "dir", "dirpath", "folder", "root", "notebookpath", "uri",
      "url", "source", "destination", "src", "dst", "dest", "target", "targetfile", "oldpath",
      "newpath", "location",
    ]) {
      self = .path
    } else if isOne(of: ["command", "commands", "cmd", "script"]) {
      self = .command
    } else if isOne(of: ["workdir", "workingdirectory", "cwd", "directory"]) {
      self = .directory
    } else if isOne(of: ["pattern"]) {
      self = .pattern
    } else if isOne(of: ["glob", "include"]) {
      self = .filter
    } else if isOne(of: ["type"]) {
      self = .fileType
    } else if isOne(of: ["patch", "input", "toolinput"]) {
      self = .patch
    } else {
      return nil
    }
  }

  /// Lower case, without `_` and `-`.
  static func normalised(_ name: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    for byte in name where byte != UInt8(ascii: "_") && byte != UInt8(ascii: "-") {
      result.append((0x41...0x5A).contains(byte) ? byte + 0x20 : byte)
    }
    return result
  }
}
