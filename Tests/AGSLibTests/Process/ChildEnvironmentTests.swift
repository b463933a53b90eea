import AGSLib
import SystemPackage
import Testing

private func host(_ environment: [String: String]) -> Host {
  Host(
    environment: environment, home: "/home/anna", userName: "anna", userID: 1000,
    groupID: 1000, currentDirectory: "/", executable: "/usr/bin/ags")
}

@Suite struct ChildEnvironmentTests {
  @Test func podmanNeverHearsOfAnotherEngine() {
    let given = [
      "PATH": "/bin", "CONTAINER_HOST": "ssh://x", "DOCKER_HOST": "tcp://x",
      "CONTAINER_CONNECTION": "x", "ANTHROPIC_API_KEY": "k", "LD_PRELOAD": "x.so",
      "LC_TIME": "de_DE.UTF-8", "https_proxy": "http://p", "XDG_RUNTIME_DIR": "/run/user/1000",
    ]
    #expect(
      ChildEnvironment.podman(host(given)) == [
        "PATH": "/bin", "HOME": "/home/anna", "LC_TIME": "de_DE.UTF-8",
        "https_proxy": "http://p", "XDG_RUNTIME_DIR": "/run/user/1000",
      ])
  }

  @Test func aSecretCommandGetsSixVariablesAtMost() {
    let six = [
      "PATH": "/bin", "HOME": "/home/anna", "USER": "anna", "LOGNAME": "anna",
      "DBUS_SESSION_BUS_ADDRESS": "unix:path=/x", "XDG_RUNTIME_DIR": "/run/user/1000",
    ]
    let more = ["OP_SESSION_x": "t", "LANG": "C", "LC_ALL": "C", "SSH_AUTH_SOCK": "/s"]
    #expect(ChildEnvironment.secretCommand(host(six.merging(more) { $1 })) == six)
  }
}

@Suite struct ProgramLookupTests {
  @Test func findsTheFirstExecutableFile() {
    #expect(ProgramLookup.find("sh", path: "/nonexistent:/etc:/bin:/usr/bin") == "/bin/sh")
    #expect(ProgramLookup.find("sh", on: host(["PATH": "/usr/bin"])) == "/usr/bin/sh")
  }

  @Test func passesOverDirectoriesPlainFilesAndRelativeEntries() {
    #expect(ProgramLookup.find("passwd", path: "/etc") == nil)
    #expect(ProgramLookup.find("bin", path: "/usr") == nil)
    #expect(ProgramLookup.find("sh", path: "bin::.") == nil)
    #expect(ProgramLookup.find("../bin/sh", path: "/usr/bin") == nil)
    #expect(ProgramLookup.find("sh", on: host([:])) == nil)
  }
}
