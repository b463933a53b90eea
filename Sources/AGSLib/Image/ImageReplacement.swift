internal import FoundationEssentials

/// Gives a new image the name of the one before, and deals with that one.
struct ImageReplacement: Sendable {
  let podman: ImagePodman
  let now: Date

  func replace(
    _ name: String, with id: String, keepsExisting: Bool
  ) async throws(ImageError) -> PreviousImage {
    let previous = try await podman.id(of: name)
    guard let previous else {
      try await podman.tag(id, as: name)
      return .none
    }
    guard previous != id else { return .same }
    if keepsExisting {
      let kept = datedName(of: name)
      try await podman.tag(previous, as: kept)
      try await podman.tag(id, as: name)
      return .kept(name: kept)
    }
    try await podman.tag(id, as: name)
    return try await remove(previous)
  }

  private func remove(_ id: String) async throws(ImageError) -> PreviousImage {
    let names = try await podman.names(of: id)
    if !names.isEmpty { return .named(id: id, names: names) }
    let containers = try await podman.containers(using: id)
    if !containers.isEmpty { return .inUse(id: id, containers: containers) }
    // Without force: an image that came into use this moment stays.
    let result = try await podman.run(["image", "rm", id], timeout: .seconds(300))
    if result.status.isSuccess { return .removed(id: id) }
    let reason = ImagePodman.lastLines(result).last ?? "podman did not say why"
    return .notRemoved(id: id, reason: reason)
  }

  /// `localhost/agent-sandbox:latest` becomes `localhost/agent-sandbox:20261123-221500`,
  /// the time in UTC.
  private func datedName(of name: String) -> String {
    let lastPart = name.lastIndex(of: "/").map { name.index(after: $0) } ?? name.startIndex
    let colon = name[lastPart...].firstIndex(of: ":")
    let stamp = now.formatted(
      .iso8601.year().month().day().dateSeparator(.omitted)
        .time(includingFractionalSeconds: false).timeSeparator(.omitted))
    let digits = stamp.filter { $0.isNumber || $0 == "T" }.replacing("T", with: "-")
    return "\(name[..<(colon ?? name.endIndex)]):\(digits)"
  }
}
