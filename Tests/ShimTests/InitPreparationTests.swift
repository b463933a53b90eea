import AGSWire
import Glibc
import Testing

@Suite struct InitPreparationTests {
  func run(_ document: LaunchDocument) throws -> (status: Int32?, output: String) {
    let shim = try ShimProcess()
    shim.send(document)
    let output = shim.read()
    return (shim.wait(), output)
  }

  func status(of path: String) throws -> stat {
    var status = stat()
    try #require(lstat(path, &status) == 0, "\(path)")
    return status
  }

  func check(_ path: String) throws -> LaunchDocument.MountCheck {
    let status = try status(of: path)
    return .init(
      path: path, device: UInt64(status.st_dev), inode: UInt64(status.st_ino),
      isDirectory: status.st_mode & S_IFMT == S_IFDIR)
  }

  @Test func directoriesAndLinksAreMade() throws {
    let root = try TemporaryDirectory()
    mkdir("\(root.path)/old", 0o711)
    symlink("old", "\(root.path)/link")
    var document = LaunchDocument.shell("umask; cat there/../../l/m", in: "\(root.path)/a")
    document.directories = [
      .init(path: "\(root.path)/a/b/c", mode: 0o777), .init(path: "\(root.path)/old", mode: 0o700),
      .init(path: "\(root.path)/link/new", mode: 0o700), .init(path: "/", mode: 0o700),
      .init(path: "\(root.path)//a/./d/", mode: 0o750),
    ]
    document.links = [
      .init(path: "\(root.path)/l/m", target: "../file"),
      .init(path: "\(root.path)/a/there", target: "b/c"),
      .init(path: "\(root.path)/link", target: "old"),
    ]
    root.write("content\n", to: "file")
    let result = try run(document)
    #expect(result.status != nil && result.output.hasPrefix("0022\n"), "\(result.output)")
    for (name, mode) in [
      ("a", 0o777), ("a/b", 0o777), ("a/b/c", 0o777), ("old", 0o711), ("old/new", 0o700),
      ("a/d", 0o750), ("l", 0o755),
    ] as [(String, UInt32)] {
      #expect(try status(of: "\(root.path)/\(name)").st_mode & 0o7777 == mode, "\(name)")
    }
    #expect(textOfFile("\(root.path)/l/m") == "content\n")
  }

  @Test func directoryInTheWayOfOthersIsRefused() throws {
    let root = try TemporaryDirectory()
    root.write("", to: "file")
    mkdir("\(root.path)/real", 0o755)
    symlink("real", "\(root.path)/link")
    symlink("nowhere", "\(root.path)/dangling")
    for name in ["file", "file/below", "link", "dangling", "dangling/below"] {
      var document = LaunchDocument.shell("echo started")
      document.directories = [.init(path: "\(root.path)/\(name)", mode: 0o755)]
      let result = try run(document)
      #expect(result.status == 125)
      #expect(result.output.hasPrefix("ags-shim: \(root.path)/"), "\(name): \(result.output)")
      #expect(result.output.filter { $0 == "\n" }.count == 1)
    }
    for (name, target) in [("file", "x"), ("link", "rea"), ("link", "real2"), ("real", "x")] {
      var document = LaunchDocument.shell("echo started")
      document.links = [.init(path: "\(root.path)/\(name)", target: target)]
      let result = try run(document)
      #expect(result.status == 125)
      #expect(result.output.contains("cannot be linked"), "\(name): \(result.output)")
    }
  }

  @Test func matchingMountsAreAccepted() throws {
    let root = try TemporaryDirectory()
    root.write("", to: "file")
    var document = LaunchDocument.shell("exit 3")
    document.mounts = [try check(root.path), try check("\(root.path)/file"), try check("/")]
    #expect(try run(document).status == 3)
  }

  @Test func anotherMountIsRefusedBeforeAnythingIsMade() throws {
    let root = try TemporaryDirectory()
    root.write("", to: "file")
    let good = try check("\(root.path)/file")
    var wrong = [good, good, good, good]
    wrong[0].inode += 1
    wrong[1].device += 1
    wrong[2].isDirectory = true
    wrong[3].path = "\(root.path)/missing"
    for mount in wrong {
      var document = LaunchDocument.shell("echo started")
      document.mounts = [good, mount]
      document.directories = [.init(path: "\(root.path)/made", mode: 0o755)]
      let result = try run(document)
      #expect(result.status == 125)
      #expect(result.output.hasPrefix("ags-shim: \(mount.path): "))
      #expect(result.output.filter { $0 == "\n" }.count == 1)
      #expect(access("\(root.path)/made", F_OK) != 0)
    }
  }

  @Test func workingDirectoryMustBeThere() throws {
    let result = try run(.shell("echo started", in: "/no/such/directory"))
    #expect(result.status == 125)
    #expect(result.output.hasPrefix("ags-shim: /no/such/directory: "))
    #expect(try run(.shell("pwd", in: "/usr")).output == "/usr\n")
  }

  @Test func pathsInErrorsAreOneLine() throws {
    let result = try run(.shell("true", in: "/no\n\u{1B}[31m/such"))
    #expect(result.output.hasPrefix("ags-shim: /no??[31m/such: "))
  }

  @Test func busyboxAloneIsImageEnough() throws {
    let root = try TemporaryDirectory()
    mkdir("\(root.path)/bin", 0o755)
    for (source, name) in [("/bin/busybox", "bin/sh"), (ShimProcess.binary, "ags-shim")] {
      let copy = try ShimProcess(arguments: ["cp", source, "\(root.path)/\(name)"])
      try #require(
        copy.wait() == 0, "\(source) is missing? `scripts/setup test`: \(copy.read())")
    }
    // No /proc, no /dev, nothing but a shell.
    let words = ["/usr/sbin/chroot", root.path, "/ags-shim", "init"]
    let shim = try ShimProcess(
      runner: try Namespace.root(), arguments: words, environment: [])
    var document = LaunchDocument(
      workingDirectory: "/home/dev", commands: [["bash"], ["sh", "-c", "pwd; echo $A; exit 5"]],
      environment: [.init(name: "A", value: "b c")])
    document.directories = [.init(path: "/home/dev", mode: 0o755)]
    shim.send(document)
    #expect(shim.read() == "/home/dev\nb c\n")
    #expect(shim.wait() == 5)
  }
}
