internal import Glibc
internal import SystemPackage

/// A repository of ags' own between an agent's and the host's (11-git "After" 3): objects
/// copied as data, indexes made again, a configuration of ours, the host's objects borrowed.
/// git reads what an agent wrote only in here.
struct ImportStaging {
  let path: FilePath
  let git: HostGit
  /// Packs that git does not take, with its reason.
  private(set) var brokenPacks: [String] = []
  /// Loose objects that are too large or mostly holes.
  private(set) var skipped = 0

  /// Bytes one pack or object may have.
  static let fileLimit: Int64 = 4 << 30
  /// Bytes all of them may have.
  private static let totalLimit: Int64 = 16 << 30
  /// Each is indexed by a git of its own.
  private static let packLimit = 200

  /// Makes it at `path`, which must not be there.
  static func make(
    at path: FilePath, of repository: QuarantinedRepository, from inside: DataDirectory,
    git: HostGit
  ) async throws -> ImportStaging {
    var copy = DataCopy(fileLimit: fileLimit)
    copy.totalLimit = totalLimit
    copy.refusesHoles = true
    try copy.makeDirectory(path)
    for name in ["refs", "objects", "objects/info", "objects/pack"] {
      try copy.makeDirectory(path.appending(name))
    }
    let version = repository.format == .sha1 ? 0 : 1
    let format = version == 1 ? "[extensions]\n\tobjectFormat = sha256\n" : ""
    try copy.write(Array("ref: refs/heads/none\n".utf8), to: path.appending("HEAD"))
    try copy.write(
      Array(
        """
        [core]
        \trepositoryFormatVersion = \(version)
        \tbare = true
        \tfsync = none
        \tprotectHFS = true
        \tprotectNTFS = true
        \tbigFileThreshold = 16m
        [pack]
        \tthreads = 1
        \twriteReverseIndex = false
        [gc]
        \tauto = 0
        \(format)
        """.utf8), to: path.appending("config"))
    let objects = repository.hostDirectory.appending("objects")
    try copy.write(
      Array((objects.string + "\n").utf8), to: path.appending("objects/info/alternates"))
    // Where the host's history ends.
    let shallow = try DataDirectory.open(repository.hostDirectory)?.read(
      "shallow", limit: 16 << 20)
    var staging = ImportStaging(path: path, git: git)
    try await staging.takeObjects(of: inside, notIn: try DataDirectory.open(objects), copy)
    try await staging.takeEnds(
      of: inside, and: shallow ?? [], copy)
    return staging
  }

  private init(path: FilePath, git: HostGit) {
    self.path = path
    self.git = git
  }

  var place: HostGit.Place { HostGit.Place(gitDirectory: path) }

  /// Where the host's history ends, and where the agent fetched no more of it: without that
  /// git misses the parents. The host's does not come to end there: a fetch refuses that.
  private func takeEnds(
    of inside: DataDirectory, and host: [UInt8], _ copy: DataCopy
  ) async throws {
    let known = Self.ends(host)
    let theirs = Self.ends(try inside.read("shallow", limit: 16 << 20) ?? []).subtracting(known)
    let types = theirs.count <= Self.endLimit ? try await types(of: theirs) : [:]
    let ends = theirs.filter { types[$0] == "commit" }
    guard !known.isEmpty || !ends.isEmpty else { return }
    let text = known.union(ends).map(\.text).sorted().map { $0 + "\n" }.joined()
    try copy.write(Array(text.utf8), to: path.appending("shallow"))
  }

  private static func ends(_ bytes: [UInt8]) -> Set<GitObjectID> {
    Set(
      bytes.split(separator: UInt8(ascii: "\n")).compactMap {
        GitObjectID(String(decoding: $0, as: UTF8.self))
      })
  }

  /// Ends of history of an agent's own.
  private static let endLimit = 1000

  private mutating func takeObjects(
    of inside: DataDirectory, notIn host: DataDirectory?, _ copy: DataCopy
  ) async throws {
    guard let objects = try inside.directory("objects") else { return }
    var copy = copy
    for entry in try objects.entries(limit: 10_000)
    where entry.kind == .directory && Self.isHexadecimal(entry.name, 2) {
      guard let source = try objects.directory(entry.name) else { continue }
      let target = path.appending("objects").appending(entry.name)
      try copy.makeDirectory(target)
      let present = try host?.directory(entry.name)
      for file in try source.entries(limit: 1_000_000)
      where file.kind == .file
        && (Self.isHexadecimal(file.name, 38) || Self.isHexadecimal(file.name, 62))
      {
        // The host's own is the true one.
        if try present?.facts(file.name) != nil { continue }
        if try !copy.copyFile(file.name, of: source, to: target.appending(file.name)) {
          skipped += 1
        }
      }
    }
    guard let packs = try objects.directory("pack") else { return }
    let found = try packs.entries(limit: 10_000).filter { entry in
      entry.kind == .file && entry.name.string.hasPrefix("pack-")
        && entry.name.string.hasSuffix(".pack")
    }
    if found.count > Self.packLimit {
      brokenPacks.append("\(found.count - Self.packLimit) more: too many of them")
    }
    for (number, entry) in found.prefix(Self.packLimit).enumerated() {
      let target = path.appending("objects/pack/pack-\(number).pack")
      guard try copy.copyFile(entry.name, of: packs, to: target) else {
        brokenPacks.append("\(entry.name): too large, mostly empty, or no file")
        continue
      }
      do {
        try await git.run(
          ["index-pack", "--threads=1", target.string], in: place, timeout: .seconds(300))
      } catch {
        let reason = (error as? any DescribedError).map { $0.cause ?? $0.summary }
        brokenPacks.append("\(entry.name): \(reason ?? "\(error)")")
        _ = TreeRemoval.remove("pack-\(number).pack", in: path.appending("objects/pack"))
      }
    }
  }

  private static func isHexadecimal(_ name: FilePath.Component, _ count: Int) -> Bool {
    let text = name.string.utf8
    return text.count == count
      && text.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  /// What each of `objects` is: `commit`, `tree`; those that are not here are left out.
  func types(of objects: some Sequence<GitObjectID>) async throws -> [GitObjectID: String] {
    let input = objects.map { $0.text + "\n" }.joined()
    guard !input.isEmpty else { return [:] }
    let output = try await git.run(
      ["cat-file", "--batch-check=%(objectname) %(objecttype)"], in: place,
      input: Array(input.utf8))
    var types: [GitObjectID: String] = [:]
    for line in String(decoding: output, as: UTF8.self).split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 2, words[1] != "missing", let object = GitObjectID(words[0]) else {
        continue
      }
      types[object] = String(words[1])
    }
    return types
  }

  /// An index with the files of directories that a sparse one holds as a whole: git takes
  /// those back only as files.
  func expanded(_ index: GitIndexFile) async throws -> GitIndexFile {
    var entries: [GitIndexFile.Entry] = []
    var directories = 0
    for entry in index.entries {
      guard entry.mode == 0o040000 else {
        entries.append(entry)
        continue
      }
      directories += 1
      guard directories <= 500 else {
        throw GitDataError("the index has more than 500 directories that are not checked out")
      }
      let output = try await git.run(
        ["ls-tree", "-r", "-z", "--full-tree", entry.objectText], in: place)
      for line in output.split(separator: 0) {
        guard let file = GitIndexFile.Entry(treeLine: line, below: entry.path) else { continue }
        entries.append(file)
      }
    }
    var full = index
    full.entries = entries
    return full
  }

  /// The tree that an index would commit.
  func tree(of index: GitIndexFile, named name: String) async throws -> GitObjectID {
    var input: [UInt8] = []
    for entry in index.entries where !entry.isIntentToAdd {
      input +=
        Array("\(String(entry.mode, radix: 8)) \(entry.objectText) 0\t".utf8)
        + entry.path + [0]
    }
    var place = place
    place.index = path.appending(name)
    try await git.run(["update-index", "-z", "--index-info"], in: place, input: input)
    // It passes over paths such as `.git/config` and says so only in words.
    let taken = try await git.run(["ls-files", "-s", "-z"], in: place)
    guard taken.count(where: { $0 == 0 }) == input.count(where: { $0 == 0 }) else {
      throw GitDataError("it has paths that git does not take")
    }
    let output = try await git.run(["write-tree"], in: place)
    guard let tree = GitObjectID(String(decoding: output.dropLast(), as: UTF8.self)) else {
      throw GitDataError("git wrote no tree")
    }
    return tree
  }

  /// Gives objects names, so that they can be fetched.
  func name(_ objects: [GitReferenceName: GitObjectID]) throws(GitDataError) {
    var references = GitReferences()
    references.objects = objects
    let copy = DataCopy()
    path.appending("packed-refs").withPlatformString { _ = unlink($0) }
    try copy.write(references.packed, to: path.appending("packed-refs"))
  }
}
