import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// What is known of a key before anything is started.
@Suite struct SSHKeyTests {
  @Test(arguments: [
    ["-t", "ed25519"], ["-t", "ecdsa"], ["-t", "rsa", "-b", "2048"],
    ["-t", "rsa", "-b", "2048", "-m", "PEM"], ["-t", "ecdsa", "-m", "PKCS8"],
    ["-t", "ed25519", "-Z", "chacha20-poly1305@openssh.com"],
  ])
  func passphraseIsSeenInTheFile(type: [String]) async throws {
    try await AgentFixture.with { fixture in
      for (name, passphrase) in [("open", ""), ("closed", "secret")] {
        let path = try await fixture.makeKey(name, passphrase: passphrase, type: type)
        let key = try #require(try SSHKey.find(.signing, at: path))
        #expect(key.hasPassphrase == !passphrase.isEmpty, "\(type) \(name)")
        #expect(try read(FilePath("\(path).pub")).hasPrefix(key.publicText + " "))
      }
    }
  }

  @Test func missingFilesAreNoError() async throws {
    try await AgentFixture.with { fixture in
      let path = fixture.root.appending("key")
      #expect(try SSHKey.find(.authentication, at: path) == nil)
      #expect(
        SSHKey.remedy(.authentication, at: path)
          == "ssh-keygen -t ed25519 -a 64 -C ags-agent-auth -f \(path)")
      try await fixture.makeKey("key")
      #expect(unlink("\(path).pub") == 0)
      #expect(try SSHKey.find(.authentication, at: path) == nil)
      #expect(SSHKey.remedy(.signing, at: path) == "ssh-keygen -y -f \(path) >\(path).pub")
    }
  }

  @Test func whatIsNoKeyIsAnError() async throws {
    try await AgentFixture.with { fixture in
      let path = try await fixture.makeKey("key")
      let right = try read(FilePath("\(path).pub"))
      for text in ["", "\n", "ssh-ed25519", "ssh-ed25519 !", "ssh-rsa " + right.dropFirst(12)] {
        try write(text, to: FilePath("\(path).pub"))
        #expect(throws: SSHError.self, "\(text)") { try SSHKey.find(.signing, at: path) }
      }
      try write(right, to: FilePath("\(path).pub"))
      #expect(chmod(path.string, 0o640) == 0)
      let open = summary { _ = try SSHKey.find(.signing, at: path) }
      #expect(open?.contains("open to other users") == true)
      unlink(path.string)
      #expect(mkfifo(path.string, 0o600) == 0)
      #expect(summary { _ = try SSHKey.find(.signing, at: path) }?.contains("regular") == true)
    }
  }
}
