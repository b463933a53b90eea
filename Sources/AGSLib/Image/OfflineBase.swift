internal import SystemPackage

/// Makes a Debian base image from the host's own mirror, as the same user, with
/// mmdebstrap: no registry is needed (5-commands "No registry needed").
struct OfflineBase: Sendable {
  let podman: ImagePodman
  let host: Host

  static let suite = "trixie"
  private static let bootstrapLimit = Duration.seconds(30 * 60)

  /// mmdebstrap is installed.
  var isPossible: Bool { program != nil }
  private var program: FilePath? { ProgramLookup.find("mmdebstrap", on: host) }

  /// Makes the base and imports it under `name`, in place of an earlier one.
  func bootstrap(
    as name: String, in directory: BuildDirectory,
    onEvent: @escaping @Sendable (ImageBuildEvent) -> Void
  ) async throws(ImageError) {
    guard let program else { throw .noMmdebstrap }
    let mirrors = try await mirrors()
    onEvent(.began(.bootstrappingBase(mirror: mirrors.main)))
    let (executable, prefix) = isolated(program)
    var command = Command(
      executable: executable,
      arguments: prefix + Self.options + [Self.suite, directory.baseArchive.string]
        + mirrors.sources,
      environment: environment, timeout: Self.bootstrapLimit)
    command.environment["TMPDIR"] = directory.path.string
    // Stopped, it removes its tree itself; where it hangs instead, `ImageBuilder` does.
    command.gracePeriod = .seconds(5)
    do {
      let (status, lines) = try await podman.stream(command, onEvent: onEvent)
      guard status.isSuccess else { throw ImageError.bootstrapFailed(lastLines: lines) }
      let importing = podman.command(
        ["import", "--change", #"CMD ["bash"]"#, directory.baseArchive.string, name],
        timeout: .seconds(600))
      let (imported, importLines) = try await podman.stream(importing, onEvent: onEvent)
      guard imported.isSuccess else {
        throw ImageError.podmanFailed(what: "import the base image", lastLines: importLines)
      }
    } catch let error as CommandError {
      throw ImageError(error)
    } catch let error as ImageError {
      throw error
    } catch {
      throw .bootstrapFailed(lastLines: ["\(error)"])
    }
  }

  /// As root mmdebstrap mounts /proc, /sys and the host's /dev/shm in the tree it makes.
  /// In a mount namespace of its own these go with it, however it ends.
  private func isolated(_ program: FilePath) -> (FilePath, [String]) {
    guard host.isRoot, let unshare = ProgramLookup.find("unshare", on: host) else {
      return (program, [])
    }
    return (unshare, ["--mount", "--propagation=private", "--", program.string])
  }

  /// The smallest Debian with apt; no manuals and translations, as in Debian's own slim
  /// images.
  private static let options = [
    "--variant=apt", "--include=ca-certificates",
    "--dpkgopt=path-exclude=/usr/share/man/*",
    "--dpkgopt=path-exclude=/usr/share/info/*",
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-include=/usr/share/doc/*/copyright",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
    "--dpkgopt=path-include=/usr/share/locale/locale.alias",
    #"--aptopt=Acquire::Languages "none""#,
  ]

  /// The podman one, and the directories where Debian keeps what only root needs.
  private var environment: [String: String] {
    var variables = podman.environment
    variables["PATH"] = "\(host.environment["PATH"] ?? ""):/usr/local/sbin:/usr/sbin:/sbin"
    return variables
  }

  /// Where the host's own Debian packages come from.
  struct Mirrors: Equatable {
    var main: String?
    var security: String?

    /// One-line sources for mmdebstrap; none lets it use Debian's own servers.
    var sources: [String] {
      guard let main else { return [] }
      let security = security ?? "http://security.debian.org/debian-security"
      return [
        "deb \(main) \(OfflineBase.suite) main",
        "deb \(main) \(OfflineBase.suite)-updates main",
        "deb \(security) \(OfflineBase.suite)-security main",
      ]
    }

    /// - Parameter listing: lines of `REPO_URI ORIGIN LABEL`, as apt prints them.
    init(listing: String) {
      for line in listing.split(separator: "\n") {
        let words = line.split(separator: " ").map(String.init)
        guard words.count == 3, words[1] == "Debian",
          words[0].hasPrefix("http://") || words[0].hasPrefix("https://"),
          // A mirror that wants a password would leave it in the image.
          !words[0].contains("@")
        else { continue }
        let address = words[0].hasSuffix("/") ? String(words[0].dropLast()) : words[0]
        switch words[2] {
        case "Debian" where main == nil: main = address
        case "Debian-Security" where security == nil: security = address
        default: break
        }
      }
    }
  }

  private func mirrors() async throws(ImageError) -> Mirrors {
    // Without apt-get there is no mirror of the host's to ask for.
    guard let apt = ProgramLookup.find("apt-get", on: host) else { return Mirrors(listing: "") }
    let question = Command(
      executable: apt,
      arguments: [
        "indextargets", "--format", "$(REPO_URI) $(ORIGIN) $(LABEL)", "Created-By: Packages",
      ],
      environment: podman.environment, timeout: .seconds(20))
    do {
      let answer = try await podman.runner.run(question)
      return Mirrors(listing: String(decoding: answer.standardOutput, as: UTF8.self))
    } catch {
      if case .cancelled = error { throw .interrupted }
      return Mirrors(listing: "")
    }
  }
}
