import Testing

@testable import AGSLib

/// Settings of an agent's home are read as what a hostile agent wrote.
@Suite struct SettingsExcerptTests {
  private func json(_ text: String, _ members: String...) -> String? {
    SettingsExcerpt.json(Array(text.utf8), members: members)
      .map { String(decoding: $0, as: UTF8.self) }
  }

  private func toml(_ text: String, _ keys: String...) -> String? {
    SettingsExcerpt.toml(Array(text.utf8), keys: keys)
      .map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func onlyNamedMembersGetThroughAndWhole() {
    let text = #"{"a":{"deep":[1,2.50,"é"]},"secret":"s","b":null}"#
    #expect(json(text, "a", "b") == #"{"a":{"deep":[1,2.50,"é"]},"b":null}"# + "\n")
    #expect(json(text, "absent") == "{}\n")
  }

  @Test(arguments: ["", "[]", "\"a\"", "{", "{\"a\":1,\"a\":2}", "{}x"])
  func whatIsNoObjectGivesNothing(text: String) {
    #expect(json(text, "a") == nil)
  }

  @Test func nestingHasALimit() {
    let deep = String(repeating: "[", count: 100_000)
    #expect(json("{\"a\":\(deep)", "a") == nil)
  }

  @Test func onlyNamedKeysOfTOMLGetThrough() throws {
    let text = """
      model = "m"
      notify = ["rm", "x"]
      [mcp_servers.bad]
      command = "evil"
      [model_providers.mine]
      base_url = "http://x"
      """
    let kept = try #require(toml(text, "model", "model_providers"))
    #expect(kept.contains("model = 'm'") || kept.contains("model = \"m\""))
    #expect(kept.contains("base_url"))
    #expect(!kept.contains("evil") && !kept.contains("notify"))
    #expect(toml(kept, "model", "model_providers") == kept)
  }

  @Test func whatRunsAProgramForAKeyIsLeftOut() throws {
    let text = """
      {"providers":{"a":{"apiKey":"!evil","url":"u"},"b":{"auth":{"command":"evil"},"url":"u"},\
      "c":{"npm":"file:///evil"},"d":{"npm":"@ai-sdk/x","list":["!evil","x"]}}}
      """
    #expect(
      json(text, "providers")
        == #"{"providers":{"a":{"url":"u"},"b":{"url":"u"},"d":{"npm":"@ai-sdk/x","list":["x"]}}}"#
        + "\n")
    let kept = try #require(
      toml(
        """
        [model_providers.mine]
        base_url = "u"
        [model_providers.mine.auth]
        command = "evil"
        [model_providers.other]
        auth = { command = "evil", args = [] }
        list = [{ command = "evil" }]
        """, "model_providers"))
    #expect(kept.contains("base_url") && kept.contains("other") && !kept.contains("evil"))
  }

  // The second and third would end the program inside the TOML library.
  @Test(arguments: ["a = ", "[]\n", "a = [ = ]", "a = 1\u{0}", "[a\n"])
  func whatIsNoTOMLGivesNothing(text: String) {
    #expect(toml(text, "a") == nil)
  }
}
