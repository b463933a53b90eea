import Glibc

/// Words before a program that make it root, another user or the first process of
/// namespaces, whoever runs the tests: an ordinary user gets a user namespace for it.
enum Namespace {
  /// The machine cannot make what a test needs.
  struct Unavailable: Error, CustomStringConvertible {
    var command: String
    var output: String
    var description: String {
      """
      \(command) failed: \(output)
      the tests need util-linux and uidmap (`scripts/setup run test`), user namespaces, and for
      an ordinary user a range in /etc/subuid and /etc/subgid
      """
    }
  }

  private static let unshare = "/usr/bin/unshare"

  /// PID 1 of a PID namespace with its own /proc.
  static func processes() throws -> [String] {
    let user = getuid() == 0 ? [] : ["--user", "--map-root-user"]
    return try working(
      [unshare] + user + ["--pid", "--fork", "--mount-proc", "--kill-child", "--"])
  }

  /// A network of its own. The process keeps its id.
  static func network() throws -> [String] {
    let user = getuid() == 0 ? [] : ["--user", "--map-root-user"]
    return try working([unshare] + user + ["--net", "--"])
  }

  /// Uid 0, which may call chroot. The process keeps its id.
  static func root() throws -> [String] {
    getuid() == 0 ? [] : try working([unshare, "--user", "--map-root-user", "--"])
  }

  /// A user who is not root of the user namespace. The process keeps its id.
  static func otherUser() throws -> [String] {
    let user =
      getuid() == 0 ? [] : [unshare, "--user", "--map-root-user", "--map-auto", "--"]
    return try working(user + ["/usr/bin/setpriv", "--reuid=1", "--regid=1", "--clear-groups"])
  }

  /// Tries `words` once, so that a machine without them is told by name.
  private static func working(_ words: [String]) throws -> [String] {
    let trial = try ShimProcess(runner: words, arguments: ["/bin/true"])
    guard trial.wait() == 0 else {
      throw Unavailable(command: words.joined(separator: " "), output: trial.read())
    }
    return words
  }
}
