internal import SystemPackage

/// A path inside the workspace that the user's own git configuration runs or reads: an
/// agent that could change it would run code on the host (11-git "Mounts").
struct GitExecutedPath: Sendable, Equatable {
  var path: FilePath
  var kind: MountKind
  /// Nothing is there yet, and an agent could put something.
  var isMissing = false
  /// What is mounted there then.
  var standIn: FilePath?

  /// A configuration and where its relative paths start.
  struct Source {
    var settings: [GitSetting]
    /// Its own directory, from which includes are named.
    var directory: FilePath
    /// Set when git may be able to read this file, and ags is not: nothing is known of it then.
    var unread: FilePath?

    /// Those of the user and the system, with what they include, whatever the condition.
    static func ofUser(on host: Host) -> [Source] {
      let files = [FilePath("/etc/gitconfig")] + GitUser.configurationFiles(host)
      var seen: Set<FilePath> = []
      return files.flatMap { read($0, home: host.home, depth: 0, &seen) }
    }

    /// A repository's own file, with what it includes.
    static func of(
      _ directory: DataDirectory, _ name: FilePath.Component, home: FilePath
    ) throws(GitDataError) -> [Source] {
      let settings = try PrivateRepository.settings(directory, name)
      var seen: Set<FilePath> = []
      return Source(settings: settings, directory: directory.path)
        .withIncluded(home: home, depth: 0, &seen)
    }

    /// - Parameter seen: files that were read: each once, however they include each other.
    private static func read(
      _ path: FilePath, home: FilePath, depth: Int, _ seen: inout Set<FilePath>
    ) -> [Source] {
      // Git includes no deeper.
      guard depth <= 10, seen.insert(path).inserted else { return [] }
      let directory = path.removingLastComponent()
      do {
        guard let bytes = try RegularFile.read(path, limit: 1 << 20, links: .followed) else {
          return []
        }
        return Source(settings: GitConfigFile(bytes).settings, directory: directory)
          .withIncluded(home: home, depth: depth, &seen)
      } catch {
        return [Source(settings: [], directory: directory, unread: path)]
      }
    }

    private func withIncluded(
      home: FilePath, depth: Int, _ seen: inout Set<FilePath>
    ) -> [Source] {
      let included = settings.filter {
        ["include", "includeif"].contains($0.section) && $0.name == "path"
      }
      var all = [self]
      for setting in included {
        let path = absolute(setting.text, from: directory, home: home)
        all += Self.read(path, home: home, depth: depth + 1, &seen)
      }
      return all
    }
  }

  /// A work tree git may be run in, and what it reads then.
  struct Tree {
    /// Where relative paths start: git goes there before it runs something.
    var root: FilePath
    var sources: [Source]
  }

  /// Those below `root`, sorted, each once. Paths on the way to which a link stands cannot be
  /// held in their place: `unprotected`.
  /// - Parameters:
  ///   - others: what is known without a configuration.
  ///   - covered: what the agent has its own of.
  static func find(
    in trees: [Tree], and others: [FilePath: MountKind], below root: FilePath,
    covered: [FilePath], home: FilePath
  ) -> (paths: [GitExecutedPath], unprotected: [FilePath]) {
    func isMeant(_ path: FilePath) -> Bool {
      path != root && path.starts(with: root)
        && !covered.contains(where: { path.starts(with: $0) })
    }
    var candidates: [FilePath: MountKind?] = [:]
    for (path, kind) in others where isMeant(path) { candidates[path] = kind }
    for tree in trees {
      for source in tree.sources {
        for setting in source.settings {
          for (path, kind) in named(by: setting, source, root: tree.root, home: home)
          where isMeant(path) {
            candidates[path] = candidates[path] ?? kind
          }
        }
      }
    }
    var paths: [GitExecutedPath] = []
    var unprotected: [FilePath] = []
    for (path, expected) in candidates.sorted(by: { $0.key.string < $1.key.string }) {
      do {
        if let found = try SourceIdentity.kind(of: path) {
          paths.append(GitExecutedPath(path: path, kind: found))
        } else if let expected, ResolvedPath.ofMissing(path) == path {
          let path = missing(path, expected)
          if !paths.contains(path) { paths.append(path) }
        } else if expected != nil {
          unprotected.append(path)
        }
      } catch {
        unprotected.append(path)
      }
    }
    return (paths, unprotected)
  }

  /// Nothing can be made below the first directory that is not there either.
  private static func missing(_ path: FilePath, _ kind: MountKind) -> GitExecutedPath {
    var (top, above) = (path, path.removingLastComponent())
    while GitMarker(at: above) == nil {
      top = above
      above.removeLastComponent()
    }
    if GitMarker(at: above)?.isFile == true {
      // Nothing can be in it, unless it is replaced.
      return GitExecutedPath(path: above, kind: .file)
    }
    return GitExecutedPath(path: top, kind: top == path ? kind : .directory, isMissing: true)
  }

  /// The paths a setting names, and what each must be if it is not there: nil for words of
  /// a command that may be anything.
  private static func named(
    by setting: GitSetting, _ source: Source, root: FilePath, home: FilePath
  ) -> [(FilePath, MountKind?)] {
    let text = setting.text
    switch (setting.section, setting.name) {
    case ("core", "hookspath"):
      return [(absolute(text, from: root, home: home), .directory)]
    case ("include", "path"), ("includeif", "path"):
      return [(absolute(text, from: source.directory, home: home), .file)]
    case ("core", "attributesfile"), ("core", "excludesfile"), ("gpg", "allowedsignersfile"):
      return [(absolute(text, from: root, home: home), .file)]
    default:
      guard isCommand(setting) else { return [] }
      return words(text).enumerated().map { index, word in
        (absolute(word, from: root, home: home), index == 0 ? .file : nil)
      }
    }
  }

  /// Whether git runs the value, or a part of it.
  private static func isCommand(_ setting: GitSetting) -> Bool {
    switch setting.section {
    case "alias", "credential", "filter", "merge", "mergetool", "difftool", "pager", "man",
      "browser", "guitool", "trailer", "uploadpack":
      return true
    case "diff": return ["external", "command", "textconv"].contains(setting.name)
    case "gpg": return ["program", "defaultkeycommand"].contains(setting.name)
    case "core":
      return [
        "sshcommand", "editor", "pager", "askpass", "fsmonitor", "gitproxy",
        "alternaterefscommand",
      ].contains(setting.name)
    case "sequence": return setting.name == "editor"
    case "interactive": return setting.name == "difffilter"
    case "submodule": return setting.name == "update"
    case "remote": return ["uploadpack", "receivepack", "vcs", "proxy"].contains(setting.name)
    case "sendemail": return setting.name.hasSuffix("cmd") || setting.name == "smtpserver"
    default: return false
    }
  }

  /// Words with a slash, as a shell would split them: what a name alone means, `PATH` says.
  private static func words(_ text: String) -> [String] {
    text.split(whereSeparator: { " \t\n;|&()<>\"'=!`$".contains($0) }).map(String.init)
      .filter { $0.contains("/") && !$0.contains("://") && !$0.hasPrefix("-") }
  }

  fileprivate static func absolute(
    _ text: String, from directory: FilePath, home: FilePath
  ) -> FilePath {
    if text.hasPrefix("~/") {
      return home.pushing(FilePath(String(text.dropFirst(2)))).lexicallyNormalized()
    }
    return directory.pushing(FilePath(text)).lexicallyNormalized()
  }
}
