/// One thing of an agent's home that a `--lockdown` run gets a copy of (3-run "--lockdown").
/// What no excerpt names, histories above all, is not copied.
public struct HomeExcerpt: Sendable, Equatable {
  public enum Content: Sendable, Equatable {
    /// A file, as it is.
    case file(HomeContentKind)
    /// Every regular file below it.
    case directory
    /// The members of a JSON object that are named, each whole.
    case json(settings: [String], login: [String] = [])
    /// The same of a TOML document.
    case toml(settings: [String], login: [String] = [])
  }

  /// Inside the container.
  public var path: ContainerPath
  public var content: Content

  public init(_ path: ContainerPath, _ content: Content) {
    self.path = path
    self.content = content
  }

  /// Nil where nothing but a login is in it: for `--no-login`.
  func withoutLogin() -> HomeExcerpt? {
    switch content {
    case .file(.settings), .directory: self
    case .file(.login): nil
    case .json(let settings, _): HomeExcerpt(path, .json(settings: settings))
    case .toml(let settings, _): HomeExcerpt(path, .toml(settings: settings))
    }
  }
}

/// Whether something of an agent's home is its login.
public enum HomeContentKind: Sendable, Equatable {
  case settings
  case login
}
