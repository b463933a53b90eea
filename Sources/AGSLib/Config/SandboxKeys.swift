/// `[sandbox]`.
enum SandboxKeys {
  static let image = ConfigurationKey(
    "image", .imageReference, default: "\"localhost/agent-sandbox:latest\"", overlay: .asked,
    "The image runs start from.")
  static let containerfile = ConfigurationKey(
    "containerfile", .hostPath, default: "\"~/.config/ags/Containerfile\"",
    "What `ags update-image` builds.")
  static let cacheDirectory = ConfigurationKey(
    "cache_dir", .hostPath, default: "\"~/.cache/ags\"",
    "Package caches, the agents' installations, the ssh agent.")
  static let stateDirectory = ConfigurationKey(
    "state_dir", .hostPath, default: "\"~/.local/state/ags\"",
    "The agents' homes, trust, quarantines, the audit log.")
  static let gitConfigPath = ConfigurationKey(
    "gitconfig_path", .hostPath, default: "\"~/.config/ags/gitconfig-agent\"",
    "The generated git configuration of the sandbox.")
  static let authKey = ConfigurationKey(
    "auth_key", .hostPath, default: "\"~/.ssh/ags-agent-auth\"",
    "The key the agent may fetch and push with.")
  static let signKey = ConfigurationKey(
    "sign_key", .hostPath, default: "\"~/.ssh/ags-agent-signing\"",
    "The key the agent's commits are signed with.")
  static let bootstrapFiles = ConfigurationKey(
    "bootstrap_files", .list(of: .fileName), default: "[\"auth.json\", \"models.json\"]",
    "Files `ags setup` copies when it imports an agent's login.")
  static let containerBootDirectories = ConfigurationKey(
    "container_boot_dirs", .list(of: .containerPath), default: "[]", overlay: .allowed,
    "Directories made inside before the agent starts.")
  static let passthroughEnvironment = ConfigurationKey(
    "passthrough_env", .list(of: .passedVariable), default: "[]", overlay: .asked,
    "Variables of the host that the agent gets when they are set.")
  static let caches = ConfigurationKey(
    "caches", ValueReader<CachePolicy>.choice, default: "\"project\"",
    "Package caches: one set for each workspace, one for all, or none kept.")
  static let homes = ConfigurationKey(
    "homes", ValueReader<CachePolicy>.choice, default: "\"shared\"",
    "Agents' homes: one for all workspaces, one for each, or none kept.")
  static let home = ConfigurationKey(
    "home", ValueReader<HomePolicy>.choice, default: "\"session\"",
    "/home/dev: a fresh directory, or what the image has there.")
  static let memory = ConfigurationKey(
    "memory", .memory, overlay: .lowerOnly, "The most memory a container may use.")
  static let cpus = ConfigurationKey(
    "cpus", .cpus, overlay: .lowerOnly, "The most processors a container may use.")
  static let pidsLimit = ConfigurationKey(
    "pids_limit", .integer(1...4_194_304), default: "4096", overlay: .lowerOnly,
    "The most processes and threads in a container.")

  static let all: [KeyDefinition] = [
    image.definition, containerfile.definition, cacheDirectory.definition,
    stateDirectory.definition, gitConfigPath.definition, authKey.definition,
    signKey.definition, bootstrapFiles.definition, containerBootDirectories.definition,
    passthroughEnvironment.definition, caches.definition, homes.definition, home.definition,
    memory.definition, cpus.definition, pidsLimit.definition,
  ]
}

extension SandboxSection {
  mutating func apply(_ table: TableReader) throws(ConfigurationError) {
    try table.read(SandboxKeys.image, into: &image)
    try table.read(SandboxKeys.containerfile, into: &containerfile)
    try table.read(SandboxKeys.cacheDirectory, into: &cacheDirectory)
    try table.read(SandboxKeys.stateDirectory, into: &stateDirectory)
    try table.read(SandboxKeys.gitConfigPath, into: &gitConfigPath)
    try table.read(SandboxKeys.authKey, into: &authKey)
    try table.read(SandboxKeys.signKey, into: &signKey)
    try table.read(SandboxKeys.bootstrapFiles, into: &bootstrapFiles)
    try table.read(SandboxKeys.containerBootDirectories, into: &containerBootDirectories)
    try table.read(SandboxKeys.passthroughEnvironment, into: &passthroughEnvironment)
    try table.read(SandboxKeys.caches, into: &caches)
    try table.read(SandboxKeys.homes, into: &homes)
    try table.read(SandboxKeys.home, into: &home)
    try table.read(SandboxKeys.memory, into: &memory)
    try table.read(SandboxKeys.cpus, into: &cpus)
    try table.read(SandboxKeys.pidsLimit, into: &pidsLimit)
  }
}
