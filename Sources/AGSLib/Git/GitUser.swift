internal import SystemPackage

/// Whom commits are by: the user's name and mail, read without starting git.
public struct GitUser: Sendable, Equatable {
  public var name: String?
  public var mail: String?

  /// From the user's own configuration, else from git's variables. `include` is not
  /// followed and the system's configuration not read.
  static func find(on host: Host) -> GitUser {
    let files = configurationFiles(host).compactMap(read)
    func setting(_ name: String) -> String? {
      files.compactMap { $0.value(name, in: "user") }.last { !$0.isEmpty }
    }
    func variable(_ names: String...) -> String? {
      names.compactMap { host.environment[$0] }.first { !$0.isEmpty }
    }
    return GitUser(
      name: setting("name") ?? variable("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"),
      mail: setting("email") ?? variable("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL", "EMAIL"))
  }

  /// In git's order: the last one wins.
  static func configurationFiles(_ host: Host) -> [FilePath] {
    if let only = host.absolutePath("GIT_CONFIG_GLOBAL") { return [only] }
    let settings = host.absolutePath("XDG_CONFIG_HOME") ?? host.home.appending(".config")
    return [settings.appending("git/config"), host.home.appending(".gitconfig")]
  }

  private static func read(_ path: FilePath) -> GitConfigFile? {
    do {
      // The user's own file, often a link to where they keep such files.
      return try RegularFile.read(path, limit: 1 << 20, links: .followed).map { GitConfigFile($0) }
    } catch {
      // Then nothing is known from it, which is said.
      return nil
    }
  }
}
