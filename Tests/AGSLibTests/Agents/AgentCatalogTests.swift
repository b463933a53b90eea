import SystemPackage
import Testing

@testable import AGSLib

@Suite struct AgentCatalogTests {
  @Test func sixAgentsAreBuiltIn() throws {
    let catalog = try AgentCatalog(configuration: Configuration(home: "/h"))
    #expect(
      catalog.agents.map(\.name) == ["pi", "claude", "codex", "gemini", "opencode", "shell"])
    #expect(catalog["shell"]?.commands == [["bash"], ["sh"]])
    #expect(catalog["shell"]?.seesAllHomes == true)
    #expect(catalog["claude"]?.homes.map(\.kind) == [.directory, .file])
    #expect(catalog["claude"]?.hook == .claude)
    #expect(catalog["codex"]?.sealedFiles.map(\.description) == ["/home/dev/.codex/.env"])
    #expect(catalog["gemini"]?.defaults == ["--yolo"])
    #expect(catalog["nobody"] == nil)
    #expect(catalog["Shell"] == nil)
  }

  @Test func homesOfAllAgentsAreDifferentAndBelowTheHome() throws {
    let homes = try AgentCatalog.builtIn().flatMap(\.homes).map(\.path)
    #expect(Set(homes).count == homes.count)
    let home = try ContainerPath("/home/dev")
    #expect(homes.allSatisfy { home.contains($0) && $0 != home })
  }

  @Test func declaredAgentsFollow() throws {
    var configuration = Configuration(home: "/h")
    configuration.agents = [
      AgentDeclaration(
        name: "mine", command: ["a", "b"], defaults: ["-x"], guardKind: .claude,
        homes: [try ContainerPath("/home/dev/.mine")])
    ]
    let mine = try #require(try AgentCatalog(configuration: configuration)["mine"])
    #expect(mine.commands == [["a", "b"]] && mine.defaults == ["-x"])
    #expect(mine.hook == .claude && !mine.seesAllHomes)
    #expect(mine.homes.map(\.path.description) == ["/home/dev/.mine"])
  }
}
