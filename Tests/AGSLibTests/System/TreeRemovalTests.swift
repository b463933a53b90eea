import AGSTestSupport
import CPosix
import Glibc
import Synchronization
import SystemPackage
import Testing

@testable import AGSLib

@Suite struct TreeRemovalTests {
  /// A chain of directories, made from the inside: no path is that long.
  private func makeChain(_ depth: Int, in root: FilePath, mode bits: mode_t = 0o700) {
    var descriptor = cposix_open(root.string, O_RDONLY | O_DIRECTORY, 0)
    for _ in 0..<depth {
      mkdirat(descriptor, "d", 0o700)
      let next = cposix_openat(descriptor, "d", O_RDONLY | O_DIRECTORY)
      close(descriptor)
      descriptor = next
    }
    close(descriptor)
    guard bits != 0o700 else { return }
    // Closed from the inside out.
    for level in stride(from: depth, through: 1, by: -1) {
      chmod(root.string + String(repeating: "/d", count: level), bits)
    }
  }

  /// Runs `body` with the file rights of an ordinary user; root otherwise passes everywhere.
  private func asOrdinaryUser(_ root: FilePath, _ body: @escaping @Sendable () -> Bool) -> Bool {
    guard getuid() == 0 else { return body() }
    typealias SetUser = @convention(c) (uid_t) -> CInt
    let setUser = unsafeBitCast(dlsym(nil, "setfsuid"), to: SetUser.self)
    let job = Job {
      _ = setUser(4242)
      return body()
    }
    // A thread of its own: those rights are a thread's.
    var thread = pthread_t()
    let reference = Unmanaged.passRetained(job).toOpaque()
    pthread_create(
      &thread, nil,
      { reference in
        Unmanaged<Job>.fromOpaque(reference!).takeRetainedValue().run()
        return nil
      }, reference)
    pthread_join(thread, nil)
    return job.result.withLock { $0 }
  }

  private final class Job: Sendable {
    let body: @Sendable () -> Bool
    let result = Mutex(false)
    init(_ body: @escaping @Sendable () -> Bool) { self.body = body }
    func run() {
      let value = body()
      result.withLock { $0 = value }
    }
  }

  @Test func deepTreeGoesWhole() async throws {
    try await withTemporaryDirectory { root in
      try makeDirectory(root.appending("t"))
      makeChain(3000, in: root.appending("t"))
      #expect(TreeRemoval.remove("t", in: root))
      #expect(names(in: root).isEmpty)
    }
  }

  @Test func namesTheAgentTookDoNotKeepADeepTree() async throws {
    try await withTemporaryDirectory { root in
      let tree = root.appending("t")
      for number in 0..<5 {
        try write("x", to: tree.appending(".ags-removal-\(number)/full"))
      }
      try write("x", to: tree.appending(".ags-removal-5"))
      makeChain(300, in: tree)
      #expect(TreeRemoval.remove("t", in: root))
      #expect(names(in: root).isEmpty)
    }
  }

  @Test func linksAreRemovedAndWhatTheyLeadToStays() async throws {
    try await withTemporaryDirectory { root in
      let outside = root.appending("outside")
      try write("keep", to: outside.appending("file"))
      try link(root.appending("t/link"), to: outside)
      try link(root.appending("t/sub/link"), to: outside.appending("file"))
      try link(root.appending("t/sub/broken"), to: "/nowhere")
      try link(root.appending("alias"), to: outside)
      let before = mode(of: outside)
      #expect(TreeRemoval.remove("t", in: root))
      #expect(TreeRemoval.remove("alias", in: root))
      #expect(names(in: root) == ["outside"])
      #expect(try read(outside.appending("file")) == "keep")
      #expect(mode(of: outside) == before)
    }
  }

  @Test func everyKindAndNameGoes() async throws {
    try await withTemporaryDirectory { root in
      let tree = root.appending("t")
      try makeDirectory(tree)
      #expect(mkfifo(tree.appending("pipe").string, 0) == 0)
      for name in ["a\nb", " ", "-rf", "\u{1b}[31m", "*", String(repeating: "n", count: 255)] {
        try write("x", to: tree.appending("dir").appending(name))
      }
      tree.appending("dir").withPlatformString { directory in
        let bytes: [CChar] = [-1, -2, 0]
        let parent = cposix_open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        #expect(mkdirat(parent, bytes, 0o700) == 0)
        close(parent)
      }
      let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) {
        $0.copyBytes(from: tree.appending("socket").string.utf8)
      }
      let bound = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      #expect(bound == 0)
      close(socket)
      #expect(TreeRemoval.remove("t", in: root))
      #expect(names(in: root).isEmpty)
    }
  }

  @Test func closedDirectoriesOfAnOrdinaryUserGo() async throws {
    try await withTemporaryDirectory { root in
      let tree = root.appending("t")
      try makeDirectory(tree.appending("a/b"))
      try write("x", to: tree.appending("a/b/c"))
      makeChain(200, in: tree.appending("a"), mode: 0)
      chmod(tree.appending("a/b").string, 0)
      chmod(tree.appending("a").string, 0o100)
      chmod(tree.string, 0)
      try giveAway(root)
      #expect(asOrdinaryUser(root) { TreeRemoval.remove("t", in: root) })
      #expect(names(in: root).isEmpty)
    }
  }

  /// Everything below belongs to the ordinary user then.
  private func giveAway(_ root: FilePath) throws {
    guard getuid() == 0 else { return }
    run("/bin/chown", "-R", "4242:4242", root.string)
  }

  private func run(_ program: String, _ words: String...) {
    var pid = pid_t()
    let arguments = [program] + words
    var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { for pointer in argv { free(pointer) } }
    #expect(posix_spawn(&pid, program, nil, nil, &argv, environ) == 0)
    var status: CInt = 0
    waitpid(pid, &status, 0)
    #expect(status == 0)
  }

  @Test func whatCannotGoIsSaid() async throws {
    try await withTemporaryDirectory { root in
      guard getuid() == 0 else { return }
      let tree = root.appending("t")
      try write("x", to: tree.appending("ours/file"))
      try write("x", to: tree.appending("theirs/file"))
      try giveAway(root)
      chown(tree.appending("theirs").string, 0, 0)
      chmod(tree.appending("theirs").string, 0o755)
      #expect(!asOrdinaryUser(root) { TreeRemoval.remove("t", in: root) })
      #expect(names(in: tree) == ["theirs"])
      #expect(TreeRemoval.remove("t", in: root))
    }
  }

  /// Only root can have mounts left behind: by a bootstrap that was killed.
  @Test func whatIsMountedInATreeStays() async throws {
    try await withTemporaryDirectory { root in
      guard getuid() == 0 else { return }
      let outside = root.appending("outside")
      let mount = root.appending("t/dev/shm")
      try write("keep", to: outside.appending("file"))
      try write("x", to: mount.appending("hidden"))
      chmod(outside.string, 0o755)
      run("/bin/mount", "--bind", outside.string, mount.string)
      #expect(!TreeRemoval.remove("t", in: root))
      #expect(names(in: outside) == ["file"])
      var facts = stat()
      #expect(stat(outside.string, &facts) == 0 && facts.st_mode & 0o777 == 0o755)
      run("/bin/umount", mount.string)
      #expect(TreeRemoval.remove("t", in: root))
      #expect(names(in: root) == ["outside"])
    }
  }

  @Test func whatIsNotThereIsFine() async throws {
    try await withTemporaryDirectory { root in
      #expect(TreeRemoval.remove("nothing", in: root))
      #expect(TreeRemoval.remove("nothing", in: root.appending("nowhere")))
    }
  }

  @Test func twoRemovalsAtOnceBothSucceed() async throws {
    try await withTemporaryDirectory { root in
      for round in 0..<20 {
        for number in 0..<20 { try write("x", to: root.appending("t/\(number % 4)/\(number)")) }
        let results = await withTaskGroup(of: Bool.self) { group in
          for _ in 0..<3 { group.addTask { TreeRemoval.remove("t", in: root) } }
          return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(!exists(root.appending("t")), "round \(round)")
        #expect(results.contains(true))
      }
    }
  }
}
