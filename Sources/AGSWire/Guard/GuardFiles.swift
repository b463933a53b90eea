/// What the guard asks of the file system.
public protocol GuardFiles {
  /// What is at an absolute path; a link at its end is not followed.
  func look(_ path: [UInt8]) -> GuardFile
}

/// What is at a path.
public enum GuardFile: Equatable, Sendable {
  case missing
  case link(to: [UInt8])
  case other
}

extension GuardFiles {
  /// Follows every link, as opening the path would. What is not there is taken as it is
  /// written; a circle of links ends where it was noticed.
  /// - Parameter base: parts that are resolved already.
  func resolve(_ components: [[UInt8]], from base: [[UInt8]]) -> [[UInt8]] {
    var result = base
    var pending = Array(components.reversed())
    var links = 0
    var isMissing = false
    while let part = pending.popLast() {
      if part == [UInt8(ascii: ".")] { continue }
      if part == [UInt8(ascii: "."), UInt8(ascii: ".")] {
        if !result.isEmpty { result.removeLast() }
        isMissing = false
        continue
      }
      result.append(part)
      if isMissing || links > 40 { continue }
      switch look(GuardPath.joined(result)) {
      case .other: continue
      case .missing: isMissing = true
      case .link(let target):
        links += 1
        result.removeLast()
        if target.first == UInt8(ascii: "/") { result = [] }
        pending.append(contentsOf: GuardPath.split(target).reversed())
      }
    }
    return result
  }

  func exists(_ components: [[UInt8]]) -> Bool { look(GuardPath.joined(components)) != .missing }
}

enum GuardPath {
  static func split(_ path: [UInt8]) -> [[UInt8]] {
    path.split(separator: UInt8(ascii: "/")).map { Array($0) }
  }

  static func joined(_ components: [[UInt8]]) -> [UInt8] {
    var path: [UInt8] = []
    for part in components {
      path.append(UInt8(ascii: "/"))
      path.append(contentsOf: part)
    }
    return path.isEmpty ? [UInt8(ascii: "/")] : path
  }
}
