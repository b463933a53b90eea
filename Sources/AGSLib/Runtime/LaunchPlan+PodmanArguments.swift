internal import AGSWire
internal import SystemPackage

extension LaunchPlan {
  /// podman's arguments, its own name left out: the third value of 3-run. Nothing in
  /// them is private.
  public var podmanArguments: [String] {
    var arguments = [
      "run", "--rm", "--pull=never", "--http-proxy=false",
      "--preserve-fds=\(GuestDescriptor.count)", "--name=\(containerName)", "--interactive",
      "--conmon-pidfile=\(paths.monitorID)",
    ]
    if hasTerminal { arguments.append("--tty") }
    // podman's detach keys would swallow ctrl-P and leave the container behind; its log
    // would write what the agent prints into a file.
    arguments += ["--detach-keys=", "--log-driver=none"]
    arguments += labels.map { "--label=\($0.name)=\($0.value)" }
    arguments += userMapping.arguments
    // The image's own user is dev.
    arguments +=
      userMapping.isContainerRoot ? ["--user=0:0"] : ["--user=1000:1000", "--cap-drop=all"]
    arguments += ["--security-opt=no-new-privileges", "--security-opt=label=disable"]
    if keepsGroups { arguments.append("--group-add=keep-groups") }
    arguments += limits.map { "--ulimit=\($0.name)=\($0.value):\($0.value)" }
    if let pidsLimit { arguments.append("--pids-limit=\(pidsLimit)") }
    if let memory { arguments.append("--memory=\(memory)") }
    if let cpus { arguments.append("--cpus=\(cpus)") }
    arguments.append("--network=\(network.argument)")
    if usesLocalTimeZone { arguments.append("--tz=local") }
    arguments += temporaryFileSystems.map { "--tmpfs=\($0.podmanValue)" }
    for mount in mounts { arguments += ["--mount", mount.podmanValue] }
    arguments += publicEnvironment.map { "--env=\($0.name)=\($0.value)" }
    // The agent's own directory is entered by init: podman would make a missing one as
    // root.
    arguments += ["--workdir=/", "--entrypoint=\(GuestPath.shim)", image, "init"]
    return arguments
  }
}

extension TemporaryFileSystem {
  var podmanValue: String {
    "\(target):rw,size=\(size),mode=\(isSharedByAll ? "1777" : "755"),nosuid,nodev,"
      + (isExecutable ? "exec" : "noexec") + ",notmpcopyup"
  }
}

extension Mount {
  /// The value of `--mount`: comma-separated, each field quoted as CSV, so that no
  /// character of a path is special.
  var podmanValue: String {
    var fields = ["type=bind", "src=\(source)", "dst=\(target)"]
    if mode == .readOnly { fields.append("ro=true") }
    return fields.map(Self.quoted).joined(separator: ",")
  }

  /// Scalar by scalar: a comma with an accent on it is one `Character`, but still a
  /// comma to podman.
  private static func quoted(_ field: String) -> String {
    let special: Set<Unicode.Scalar> = [",", "\"", "\n", "\r", " "]
    guard field.unicodeScalars.contains(where: special.contains) else { return field }
    var quoted = "\""
    for scalar in field.unicodeScalars {
      if scalar == "\"" { quoted.unicodeScalars.append(scalar) }
      quoted.unicodeScalars.append(scalar)
    }
    quoted.unicodeScalars.append("\"")
    return quoted
  }
}
