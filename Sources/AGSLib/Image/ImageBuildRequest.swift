public import SystemPackage

/// What the image holds (5-commands "The image").
public enum ImageStage: String, Sendable, CaseIterable {
  /// bash, git, an ssh client, tmux and the user `dev`: what tests need.
  case minimal
  /// A developer's everyday tools.
  case core
  /// `core` and the big language toolchains.
  case full
}

/// What the image is built on.
public enum ImageBase: Sendable, Equatable {
  /// The Containerfile's own base; where it cannot be pulled, the copy that is here,
  /// else the base made from the host's Debian mirror.
  case automatic
  /// This image, pulled if it can be.
  case reference(String)
  /// A base made anew from the host's Debian mirror; no registry is asked.
  case offline
}

/// What to build, unresolved (5-commands `ags update-image`).
public struct ImageBuildRequest: Sendable {
  /// The name the finished image gets, with its tag.
  public var imageName: String
  /// The user's Containerfile. The embedded one is used if this is `nil` or no such
  /// file exists.
  public var containerfile: FilePath?
  public var stage: ImageStage
  public var base: ImageBase
  /// The image that has the name now is kept under a name with the date.
  public var keepsExisting: Bool

  public init(
    imageName: String, containerfile: FilePath? = nil, stage: ImageStage = .core,
    base: ImageBase = .automatic, keepsExisting: Bool = false
  ) {
    self.imageName = imageName
    self.containerfile = containerfile
    self.stage = stage
    self.base = base
    self.keepsExisting = keepsExisting
  }
}

/// A finished build.
public struct BuiltImage: Sendable, Equatable {
  /// The image's id, without `sha256:`.
  public var id: String
  public var contents: ImageContents
  public var previous: PreviousImage
}

/// What became of the image that had the name before.
public enum PreviousImage: Sendable, Equatable {
  /// There was none.
  case none
  /// The build made the very same image again.
  case same
  case removed(id: String)
  /// Kept, because it was asked for.
  case kept(name: String)
  /// Kept, because it has other names too.
  case named(id: String, names: [String])
  /// Kept, because these containers use it.
  case inUse(id: String, containers: [String])
  /// Podman would not remove it.
  case notRemoved(id: String, reason: String)
}
