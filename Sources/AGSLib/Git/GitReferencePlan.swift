/// What of an agent's references is taken over, decided from values alone (11-git "After" 3).
struct GitReferencePlan: Equatable {
  struct Update: Equatable {
    var name: GitReferenceName
    var new: GitObjectID
    /// What the host has now; nil when it must not be there.
    var old: GitObjectID?
  }

  struct Deletion: Equatable {
    var name: GitReferenceName
    var old: GitObjectID
  }

  /// Kept beside the host's own.
  struct Kept: Equatable {
    enum Reason: String, Sendable, Codable {
      case movedOnBothSides
      case checkedOutElsewhere
      /// Its short name is that of another one on the host, which git would then mean no longer.
      case shadows

      var text: String {
        switch self {
        case .movedOnBothSides: "it moved on both sides"
        case .checkedOutElsewhere: "another work tree has it checked out"
        case .shadows: "it would stand before another one of that name here"
        }
      }
    }

    var name: GitReferenceName
    var object: GitObjectID
    var reason: Reason
  }

  var updates: [Update] = []
  var deletions: [Deletion] = []
  var kept: [Kept] = []
  /// Missing inside, and moved on the host or checked out anywhere: nothing happens.
  var undeleted: [GitReferenceName] = []
  /// Beyond the limit, or in the way of another name.
  var surplus: [GitReferenceName] = []
  /// The same on both sides by now, and not before.
  var agreed: [GitReferenceName: GitObjectID] = [:]
  /// Of kinds that are never taken, such as `refs/replace/`.
  var foreign: [GitReferenceName] = []

  /// How many an import takes.
  static let limit = 2000
  private static let kinds = ["refs/heads/", "refs/tags/", "refs/notes/"]

  init() {}

  /// - Parameters:
  ///   - before: what the host had when the session started, or at the last import.
  ///   - pending: what an import that was killed may have written.
  ///   - occupied: branches of other work trees.
  ///   - first: the branch inside that HEAD is on, never beyond the limit.
  ///   - deletes: whether what is missing inside was deleted there.
  init(
    before: GitReferences, pending: [GitReferenceName: GitObjectID], inside: GitReferences,
    host: GitReferences, occupied: Set<GitReferenceName>, first: GitReferenceName?,
    deletes: Bool
  ) {
    var changed = inside.objects.filter { before.objects[$0.key] != $0.value }
    foreign = changed.keys.filter { !Self.isTaken($0) && $0.dropping("refs/remotes/") == nil }
      .filter { $0.text != "refs/stash" }.sorted()
    changed = changed.filter { Self.isTaken($0.key) }
    agreed = changed.filter { host.objects[$0.key] == $0.value }
    changed = changed.filter { agreed[$0.key] == nil }
    var names = changed.keys.sorted { $0 == first || $1 != first && $0 < $1 }
    let inTheWay = Self.inTheWay(of: names, others: inside.objects.keys)
    surplus = names.filter { inTheWay.contains($0) }
    names.removeAll { inTheWay.contains($0) }
    surplus += names.dropFirst(Self.limit)
    for name in names.prefix(Self.limit) {
      guard let object = changed[name] else { continue }
      let now = host.objects[name]
      let isOurs = now == before.objects[name] || now != nil && now == pending[name]
      if !isOurs || host.symbolic[name] != nil {
        kept.append(Kept(name: name, object: object, reason: .movedOnBothSides))
      } else if now == nil, Self.shadows(name, host) {
        kept.append(Kept(name: name, object: object, reason: .shadows))
      } else if occupied.contains(name) {
        kept.append(Kept(name: name, object: object, reason: .checkedOutElsewhere))
      } else {
        updates.append(Update(name: name, new: object, old: now))
      }
    }
    guard deletes else { return }
    for (name, old) in before.objects.sorted(by: { $0.key < $1.key })
    where inside.objects[name] == nil && inside.symbolic[name] == nil && Self.isTaken(name) {
      guard let now = host.objects[name] else { continue }
      // git deletes no branch that HEAD is on: something is wrong in there.
      if now == old, name != first, !occupied.contains(name), deletions.count < Self.limit {
        deletions.append(Deletion(name: name, old: old))
      } else {
        undeleted.append(name)
      }
    }
  }

  /// Nothing that needs objects or changes a reference.
  var isEmpty: Bool { updates.isEmpty && deletions.isEmpty && kept.isEmpty }

  private static func isTaken(_ name: GitReferenceName) -> Bool {
    kinds.contains { name.text.hasPrefix($0) }
  }

  /// Of a short name git takes the tag first, then the branch, then what was fetched.
  private static func shadows(_ name: GitReferenceName, _ host: GitReferences) -> Bool {
    let behind: [String]
    if let tag = name.dropping("refs/tags/") {
      behind = ["refs/heads/\(tag)", "refs/remotes/\(tag)", "refs/remotes/\(tag)/HEAD"]
    } else if let branch = name.dropping("refs/heads/") {
      behind = ["refs/remotes/\(branch)", "refs/remotes/\(branch)/HEAD"]
    } else {
      behind = []
    }
    return behind.compactMap { GitReferenceName($0) }.contains {
      host.objects[$0] != nil || host.symbolic[$0] != nil
    }
  }

  /// Names that cannot be files because a longer one needs a directory there. git never
  /// makes both; a written `packed-refs` can.
  private static func inTheWay(
    of names: [GitReferenceName], others: some Sequence<GitReferenceName>
  ) -> Set<GitReferenceName> {
    var directories: Set<Substring> = []
    for name in others {
      for index in name.text.indices where name.text[index] == "/" {
        directories.insert(name.text[..<index])
      }
    }
    return Set(names.filter { directories.contains(Substring($0.text)) })
  }
}
