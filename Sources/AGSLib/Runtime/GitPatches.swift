internal import CPosix
internal import Glibc
internal import SystemPackage

/// The commits of a lockdown run as patches, before the run's git directories go (3-run
/// "--lockdown"). They are made in a staging repository, from what the agent wrote as data.
enum GitPatches {
  struct Result: Sendable {
    /// What was written, sorted.
    var files: [String] = []
    var failures: [String] = []
  }

  /// Branches whose commits are kept, and bytes after which no other one's are.
  private static let branchLimit = 100
  private static let sizeLimit: Int64 = 256 << 20

  /// Writes the patches of each branch that has new commits into `place/BRANCH`.
  static func keep(
    of directory: FilePath, in place: FilePath, host: Host, runner: any CommandRunner
  ) async -> Result {
    var result = Result()
    do {
      guard let record = try QuarantineRecord.read(in: directory),
        let unit = record.repositories.first, unit.kind != .hidden, unit.kind != .absent,
        let inside = try DataDirectory.open(unit.privateDirectory)
      else { return result }
      let theirs = try GitReferences.read(inside)
      let wanted = branches(of: theirs).filter { unit.references.objects[$0.key] != $0.value }
      guard !wanted.isEmpty else { return result }
      let git = HostGit(host: host, runner: runner)
      let staging = try await ImportStaging.make(
        at: directory.appending("patches.staging"), of: unit, from: inside, git: git)
      try staging.name(named(wanted, unit.references))
      try PrivateDirectory.makeAll(place)
      var size: Int64 = 0
      let branches = wanted.keys.sorted()
      for (number, branch) in branches.enumerated() {
        guard number < branchLimit, size <= sizeLimit else {
          result.failures.append(
            "the commits of \(branches.count - number) more branches were not kept as patches: "
              + "they are too many or too large")
          break
        }
        let name = branch.text.split(separator: "/").dropFirst(2).joined(separator: "-")
        let target = place.appending("\(number + 1)-\(name.prefix(80))")
        try await git.run(
          [
            "format-patch", "--quiet", "--no-signature", "--output-directory", target.string,
            "refs/wanted/\(number)", "--not", "--glob=refs/known/*",
          ], in: staging.place)
        guard let written = try DataDirectory.open(target) else { continue }
        for entry in try written.entries() {
          result.files.append(target.appending(entry.name).string)
          size += Int64(try written.facts(entry.name)?.st_size ?? 0)
        }
      }
      result.files.sort()
    } catch {
      result.failures.append("the commits were not kept as patches: \(GitImport.reason(error))")
    }
    return result
  }

  /// Its branches, and what HEAD is where it is on none.
  private static func branches(
    of references: GitReferences
  ) -> [GitReferenceName: GitObjectID] {
    var found = references.objects.filter { $0.key.dropping("refs/heads/") != nil }
    if case .detached(let object) = references.head {
      found[GitReferenceName("refs/heads/detached")!] = object
    }
    return found
  }

  /// By numbers, whatever an agent called them.
  private static func named(
    _ wanted: [GitReferenceName: GitObjectID], _ known: GitReferences
  ) -> [GitReferenceName: GitObjectID] {
    var names: [GitReferenceName: GitObjectID] = [:]
    for (number, branch) in wanted.keys.sorted().enumerated() {
      names[GitReferenceName("refs/wanted/\(number)")!] = wanted[branch]
    }
    for (number, object) in Set(known.objects.values).enumerated() {
      names[GitReferenceName("refs/known/\(number)")!] = object
    }
    return names
  }
}
