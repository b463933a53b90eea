import AGSLib
import ArgumentParser

@main
struct AGS: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ags", abstract: "Run AI coding agents in a rootless Podman sandbox.",
    subcommands: [UpdateImageCommand.self, UpdateCommand.self])
  func run() async throws {
    print(Digest.sha256(Array("abc".utf8)))
  }
}
