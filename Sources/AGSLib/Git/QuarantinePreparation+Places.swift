internal import Glibc
internal import SystemPackage

/// The sessions whose files are below one `state_dir/git`, while nobody else prepares one or
/// clears up behind one.
///
/// Sessions in one workspace mount over the same places. The kernel takes a mount away with
/// the directory below it, also one in another namespace: so a place stays until the last of
/// them is over.
struct QuarantineNeighbours {
  private let directory: DataDirectory

  /// Waits until it is alone, and is until it goes.
  /// - Parameter directory: that of one session, whose parent must be there.
  init(of directory: FilePath) throws(GitDataError) {
    let all = directory.removingLastComponent()
    guard let opened = try DataDirectory.open(all) else {
      throw GitDataError("\(all) is gone")
    }
    while flock(opened.descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else {
        throw GitDataError("cannot lock \(all)", cause: String(cString: strerror(errno)))
      }
    }
    self.directory = opened
  }

  /// Of all but `session`. Nil for one that cannot be read, which `ags quarantine list` says.
  func records(but session: String) throws(GitDataError) -> [QuarantineRecord?] {
    var records: [QuarantineRecord?] = []
    for entry in try directory.entries()
    where entry.kind == .directory && entry.name.string != session {
      let path = directory.path.appending(entry.name)
      do {
        if let record = try QuarantineRecord.read(in: path) { records.append(record) }
      } catch {
        records.append(nil)
      }
    }
    return records
  }

  /// What no other session may have mounted anything over. One whose import failed has no
  /// container any more; of one that cannot be read nothing is known.
  func free(_ places: [FilePath], of session: String) throws(GitDataError) -> [FilePath] {
    let others = try records(but: session)
    return places.filter { place in
      others.allSatisfy { other in
        guard let other else { return false }
        return other.failures > 0 || !place.starts(with: other.root)
      }
    }
  }
}

extension QuarantinePreparation {
  /// Places another session made, and that this one mounts over too: the last one removes
  /// them.
  mutating func share(with neighbours: QuarantineNeighbours) throws {
    let made = try neighbours.records(but: request.session).flatMap { $0?.made ?? [] }
    for place in Set(made).subtracting(record.made)
    where place.starts(with: request.root) && GitMarker(at: place) != nil {
      record.made.append(place)
    }
    // They are removed from the end.
    record.made.sort {
      ($0.components.count, $0.string) < ($1.components.count, $1.string)
    }
  }
}
