internal import FoundationEssentials
internal import SystemPackage

/// The sandbox's image and what its labels say is in it (5-commands "The image").
struct ImageCheck {
  enum Observation: Equatable {
    case missing
    case present(labels: [String: String])
  }

  var name: String
  var observation: Observation
  /// What an image built now would be labelled with.
  var currentVersion: String

  var findings: [Finding] {
    let labels: [String: String]
    switch observation {
    case .missing:
      return [
        .warn(
          "image", "the image \(name) is not built yet; the first run builds it",
          hint: "ags update-image")
      ]
    case .present(let found): labels = found
    }
    guard let contents = ImageContents(labels: labels) else {
      return [.ok("image", "the image \(name) is there; ags did not build it")]
    }
    let age: Finding =
      contents.version == currentVersion
      ? .ok("image", "the image \(name) is there (\(contents.stage), \(contents.version))")
      : .warn(
        "image",
        "the image \(name) is out of date: it was built from another Containerfile "
          + "(\(contents.version), now \(currentVersion))",
        hint: "ags update-image")
    return [
      age,
      tool("tmux", in: contents, missing: "--tmux does not work", hint: "ags update-image"),
      tool(
        "dcg", in: contents, missing: "--lockdown then blocks every Bash call",
        hint: "ags update-image, where github.com can be reached"),
    ]
  }

  private func tool(
    _ name: String, in contents: ImageContents, missing: String, hint: String
  ) -> Finding {
    contents.tools.contains(name)
      ? .ok("image.\(name)", "\(name) is in the image")
      : .warn("image.\(name)", "\(name) is not in the image: \(missing)", hint: hint)
  }
}

extension ImageCheck {
  /// Asks podman, once where the image is there.
  init(observing sandbox: SandboxSection, podman: ImagePodman) async throws {
    name = sandbox.image
    currentVersion = try ImageBuilder.version(containerfile: sandbox.containerfile)
    let inspected = try await podman.run(
      ["image", "inspect", "--format", "{{json .Labels}}", name])
    if inspected.status.isSuccess {
      // null for an image without any.
      let labels = try JSONDecoder().decode(
        [String: String]?.self, from: Data(inspected.standardOutput))
      observation = .present(labels: labels ?? [:])
      return
    }
    let asked = try await podman.run(["image", "exists", name])
    guard asked.status == .exited(1) else {
      throw PodmanError(
        summary: "podman could not look for the image \(name)",
        cause: ImagePodman.lastLines(inspected).last, hint: "podman image inspect \(name)")
    }
    observation = .missing
  }
}
