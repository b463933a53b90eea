internal import SystemPackage

/// What a configuration file of a repository may do (2-config "Trust of an overlay"). The
/// file is taken to be hostile: what is not on the list is an error, and what reaches the
/// host is put in words for the question.
struct OverlayRules {
  let document: ConfigurationDocument
  /// The repository's root, links resolved.
  let root: FilePath

  /// Throws for the first key that an overlay may not use.
  func checkKeys() throws(ConfigurationError) {
    for section in document.root.entries {
      guard let definition = ConfigurationSchema.section(section.name) else { continue }
      try check(section, definition.keys)
    }
  }

  private func check(
    _ node: ConfigurationNode, _ keys: [KeyDefinition]
  ) throws(ConfigurationError) {
    if case .array(let elements) = node.value {
      for element in elements { try check(element, keys) }
      return
    }
    if node.entries.isEmpty || keys.allSatisfy({ $0.overlay == .never }) {
      guard keys.contains(where: { $0.overlay != .never }) else { throw forbidden(node) }
    }
    for entry in node.entries {
      guard let key = keys.first(where: { $0.name == entry.name }) else { continue }
      guard key.overlay != .never else { throw forbidden(entry) }
      if !key.nested.isEmpty { try check(entry, key.nested) }
    }
  }

  private func forbidden(_ node: ConfigurationNode) -> ConfigurationError {
    node.error(
      .forbidden, "a repository's configuration may not set this", at: .key,
      hint: "move it to your own configuration, `ags config path` shows where")
  }

  /// Checks what `merged` got from the overlay against `base`, puts resolved paths in
  /// place of those that go through links, and returns in words what reaches the host.
  func review(
    _ merged: inout Configuration, over base: Configuration
  ) throws(ConfigurationError) -> [String] {
    try checkLimits(merged.sandbox, base.sandbox)
    var requests: [String] = []
    var mounts: [(mode: MountMode, words: String)] = []
    for (offset, node) in nodes("agent_mount").enumerated() {
      let index = base.agentMounts.count + offset
      merged.agentMounts[index].host = try inside(
        merged.agentMounts[index].host, node.entry("host") ?? node, mode: .readWrite)
      merged.agentMounts[index].confinedTo = root
    }
    for (offset, node) in nodes("mount").enumerated() {
      let index = base.mounts.count + offset
      if let request = try resolve(&merged.mounts[index], node.entry("host") ?? node) {
        mounts.append((merged.mounts[index].mode, request))
      }
    }
    for (offset, node) in nodes("tool").enumerated() {
      let index = base.tools.count + offset
      try resolve(&merged.tools[index], node)
      requests += merged.tools[index].secrets.map(words)
    }
    requests += merged.secrets.dropFirst(base.secrets.count).map(words)
    let known = Set(base.sandbox.passthroughEnvironment)
    requests += merged.sandbox.passthroughEnvironment.filter { !known.contains($0) }
      .map { "give the agent your variable \($0)" }
    requests += merged.forwards.dropFirst(base.forwards.count).map {
      "let the agent connect to port \($0.hostPort) of your machine"
        + ($0.hostPort == $0.port ? "" : ", as its own port \($0.port)")
    }
    if merged.sandbox.image != base.sandbox.image {
      requests.append("run in the image \(merged.sandbox.image)")
    }
    // What gives the most stands last, next to the question.
    requests += mounts.filter { $0.mode == .readOnly }.map(\.words)
    requests += mounts.filter { $0.mode == .readWrite }.map(\.words)
    try checkReadable(requests)
    return requests
  }

  /// More than somebody reads, or longer, would hide one among the others.
  private static let requestLimit = 40
  /// Characters of one request.
  private static let requestLength = 400

  private func checkReadable(_ requests: [String]) throws(ConfigurationError) {
    guard requests.count <= Self.requestLimit else {
      throw document.root.error(
        .forbidden, "asks for \(requests.count) things of your machine",
        expected: "at most \(Self.requestLimit)",
        hint: "move what you need to your own configuration, `ags config path` shows where")
    }
    if let long = requests.first(where: { $0.unicodeScalars.count > Self.requestLength }) {
      throw document.root.error(
        .forbidden, "asks with too many words: \(long.prefix(60))…",
        expected: "at most \(Self.requestLength) characters",
        hint: "move it to your own configuration, `ags config path` shows where")
    }
  }

  private func nodes(_ section: String) -> [ConfigurationNode] {
    guard case .array(let elements)? = document.root.entry(section)?.value else { return [] }
    return elements
  }

  /// The request for a mount that leaves the repository, or nil.
  private func resolve(
    _ mount: inout ConfiguredMount, _ node: ConfigurationNode
  ) throws(ConfigurationError) -> String? {
    let written = mount.host
    mount.host = ResolvedPath.ofMissing(written)
    if mount.host.starts(with: root) {
      mount.host = try inside(written, node, mode: mount.mode)
      mount.confinedTo = root
      return nil
    }
    return "mount \(mount.host) of your machine at \(mount.container), "
      + (mount.mode == .readOnly ? "read-only" : "readable and writable")
      + (mount.create ? ", and make it when it is missing" : "")
      + (mount.host == written ? "" : " (written as \(written))")
  }

  private func resolve(
    _ tool: inout Tool, _ node: ConfigurationNode
  ) throws(ConfigurationError) {
    tool.path = try inside(tool.path, node.entry("path") ?? node, mode: tool.mode)
    tool.confinedTo = root
    guard case .array(let directories)? = node.entry("directory")?.value else { return }
    for (index, directory) in directories.enumerated() {
      tool.directories[index].host = try inside(
        tool.directories[index].host, directory.entry("host") ?? directory,
        mode: tool.directories[index].mode)
      tool.directories[index].confinedTo = root
    }
  }

  /// The path with its links resolved, which must stay in the repository. A writable one
  /// must not reach a git directory either: that would go round its quarantine (11-git).
  private func inside(
    _ path: FilePath, _ node: ConfigurationNode, mode: MountMode
  ) throws(ConfigurationError) -> FilePath {
    let resolved = ResolvedPath.ofMissing(path)
    var below = resolved
    guard below.removePrefix(root) else {
      throw node.error(
        .forbidden, "\(resolved) is outside the repository \(root)",
        expected: "a path inside the repository",
        hint: "move it to your own configuration, `ags config path` shows where")
    }
    let isGit = below.components.contains { $0.string == ".git" }
    if mode == .readWrite, isGit || ResolvedPath(resolved.appending(".git")) != nil {
      throw node.error(
        .forbidden, "\(resolved) \(isGit ? "is in" : "contains") a git directory",
        expected: "a writable path without one", hint: "mount a directory below it, or read-only")
    }
    return resolved
  }

  private func checkLimits(
    _ merged: SandboxSection, _ base: SandboxSection
  ) throws(ConfigurationError) {
    let section = document.root.entry("sandbox")
    if let memory = merged.memory, let limit = base.memory, memory > limit {
      throw raised(section?.entry("memory"), "\(limit)")
    }
    if let cpus = merged.cpus, let limit = base.cpus, cpus > limit {
      throw raised(section?.entry("cpus"), "\(limit)")
    }
    if merged.pidsLimit > base.pidsLimit {
      throw raised(section?.entry("pids_limit"), "\(base.pidsLimit)")
    }
  }

  private func raised(_ node: ConfigurationNode?, _ limit: String) -> ConfigurationError {
    (node ?? document.root).error(
      .forbidden, "a repository's configuration may only lower this limit",
      expected: "at most \(limit)", hint: "raise it in your own configuration")
  }

  private func words(_ secret: SecretDeclaration) -> String {
    let sources = secret.sources.map { source in
      switch source {
      case .environment(let name): "your variable \(name)"
      case .secretStore(let attributes):
        "the keyring's item with "
          + attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
          .joined(separator: ", ")
      case .command(let argv): "the output of \(argv.first ?? "")"
      }
    }
    return "give the agent \(secret.env) from " + sources.joined(separator: ", else from ")
  }
}
