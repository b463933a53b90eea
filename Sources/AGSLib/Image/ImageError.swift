public import SystemPackage

/// An image that could not be built. The image that was there is untouched.
public enum ImageError: DescribedError, Equatable {
  case noPodman
  case containerfileUnreadable(FilePath, reason: String)
  /// A base or stage was asked for, and the user's Containerfile has no place for it.
  case containerfileLacks(FilePath, what: String)
  /// The base is neither to be had from a registry nor here, and none can be made.
  case noBase(String, canBootstrap: Bool, lastLines: [String])
  case noMmdebstrap
  case bootstrapFailed(lastLines: [String])
  case buildFailed(image: String, lastLines: [String])
  /// The image was built and nothing can be started in it.
  case imageUnusable(lastLines: [String])
  /// A short podman command failed.
  case podmanFailed(what: String, lastLines: [String])
  case noWorkDirectory(FilePath, reason: String)
  case command(CommandError)
  case interrupted

  public var summary: String {
    switch self {
    case .noPodman: "podman is not installed"
    case .containerfileUnreadable(let path, _): "\(path): cannot be read"
    case .containerfileLacks(let path, let what): "\(path): has no \(what)"
    case .noBase(let base, _, _): "the base image \(base) cannot be had"
    case .noMmdebstrap: "mmdebstrap is needed to make a base image, and is not installed"
    case .bootstrapFailed: "making a base image from the Debian mirror failed"
    case .buildFailed(let image, _): "building the image \(image) failed; the old one is untouched"
    case .imageUnusable: "the image was built, but nothing can be started in it"
    case .podmanFailed(let what, _): "podman could not \(what)"
    case .noWorkDirectory(let path, _): "no directory for the build can be made in \(path)"
    case .command(let error): error.summary
    case .interrupted: "interrupted; the old image is untouched"
    }
  }

  public var cause: String? {
    switch self {
    case .containerfileUnreadable(_, let reason), .noWorkDirectory(_, let reason): reason
    case .noBase(_, _, let lines), .bootstrapFailed(let lines), .buildFailed(_, let lines),
      .imageUnusable(let lines), .podmanFailed(_, let lines):
      lines.isEmpty ? nil : lines.joined(separator: "\n")
    case .command(let error): error.cause
    case .noPodman, .containerfileLacks, .noMmdebstrap, .interrupted: nil
    }
  }

  public var hint: String? {
    switch self {
    case .noPodman: "install it: sudo apt install podman uidmap slirp4netns"
    case .containerfileUnreadable(let path, _): "check its permissions: ls -l \(path)"
    case .containerfileLacks(let path, _):
      "add it, as docs/image.md shows, or move \(path) away to use the built-in one"
    case .noBase(_, canBootstrap: false, _):
      "install mmdebstrap (sudo apt install mmdebstrap), or name a base: "
        + "ags update-image --base REF"
    case .noBase: "check the name, or make a base from Debian: ags update-image --offline-base"
    case .noMmdebstrap: "sudo apt install mmdebstrap"
    case .bootstrapFailed:
      "check that the Debian mirror in /etc/apt can be reached: sudo apt update"
    case .buildFailed: "ags update-image tries again and starts at the step that failed"
    case .imageUnusable, .podmanFailed: "ags doctor"
    case .noWorkDirectory: "set TMPDIR to a directory you can write"
    case .command(let error): error.hint
    case .interrupted: nil
    }
  }

  public var exitStatus: ExitStatus {
    switch self {
    case .interrupted: .interrupted
    case .containerfileLacks, .containerfileUnreadable: .usage
    default: .failure
    }
  }

  /// Cancelling is how a build is interrupted.
  init(_ error: CommandError) {
    if case .cancelled = error { self = .interrupted } else { self = .command(error) }
  }
}
