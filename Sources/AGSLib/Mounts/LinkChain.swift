internal import Glibc
internal import SystemPackage

extension ResolvedPath {
  /// As many links as the kernel follows for one path.
  private static let linkLimit = 40

  /// Where the links stand that lead to `path`, each with the links before it resolved:
  /// whoever may write there can turn the path elsewhere.
  static func links(to path: FilePath) -> [FilePath] {
    var links: [FilePath] = []
    var here = FilePath("/")
    var rest = Array(path.components.reversed())
    while links.count < linkLimit, let next = rest.popLast() {
      switch next.kind {
      case .currentDirectory: continue
      case .parentDirectory: here.removeLastComponent()
      case .regular:
        let place = here.appending(next)
        guard let target = target(of: place) else {
          here = place
          continue
        }
        links.append(place)
        if target.isAbsolute { here = FilePath("/") }
        rest += target.components.reversed()
      }
    }
    return links
  }

  /// What the link says; nil for what is no link.
  private static func target(of link: FilePath) -> FilePath? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX) + 1) { buffer in
      guard let start = buffer.baseAddress else { return nil }
      let count = link.withPlatformString { readlink($0, start, buffer.count - 1) }
      guard count > 0 else { return nil }
      buffer[count] = 0
      return FilePath(platformString: start)
    }
  }
}
