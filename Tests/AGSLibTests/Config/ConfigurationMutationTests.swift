import SystemPackage
import Testing

@testable import AGSLib

/// A generator that makes the same mutations every time.
private struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ (state >> 29)
  }
}

private let pieces = [
  "[", "]", "[[", "]]", "{", "}", "\"", "'", "\"\"\"", "'''", "\\", "\\u0000", "#", "=", ".",
  ",", "\n", "\r\n", " ", "\t", "true", "1", "0x1f", "1e9", "2020-01-01 10:00:00", "é", "\u{202e}",
  "a.b.'c d'.\"e\\\"f\" = [1, [2, {x = 3}], # c\n 4]\n", "mount", "sandbox", "a", "a = ", "[1,",
  "{a=", "-", "+", "_", "inf", "\r", "\u{b}", "\u{7f}", "\u{85}",
  "\u{2028}", "\u{a0}", "\u{0}", "\u{feff}",
]

private func mutated(_ text: String, _ generator: inout SeededGenerator) -> String {
  var characters = Array(text)
  for _ in 0..<Int.random(in: 1...4, using: &generator) {
    let start = Int.random(in: 0...characters.count, using: &generator)
    let end = min(
      characters.count, start + Int.random(in: 0...12, using: &generator))
    let piece = pieces.randomElement(using: &generator) ?? ""
    characters.replaceSubrange(start..<end, with: Array(piece))
  }
  return String(characters)
}

/// A short document of nothing but pieces, which reaches odd corners sooner.
private func assembled(_ generator: inout SeededGenerator) -> String {
  (0..<Int.random(in: 1...14, using: &generator))
    .map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
}

/// Whatever the bytes are, they are a configuration or an error with its place.
@Test(arguments: 1...8)
func mutatedConfigurationIsReadOrRefused(seed: Int) throws {
  var generator = SeededGenerator(state: UInt64(seed))
  let source = String(decoding: DefaultConfiguration.bytes, as: UTF8.self)
    .replacing("# [[", with: "[[").replacing("# host", with: "host")
  let context = ReadingContext(
    expansion: PathExpansion(home: "/home/u", environment: [:]), relativePathsStart: "/r")
  for round in 0..<400 {
    let text =
      round.isMultiple(of: 8) ? mutated(source, &generator) : assembled(&generator)
    do throws(ConfigurationError) {
      let document = try ConfigurationDocument(
        bytes: Array(text.utf8), file: "/r/.ags/config.toml", layer: .overlay)
      let unplaced = nodesWithoutPlace(document.root, TOMLLocator(text))
      #expect(unplaced.isEmpty, "\(text)")
      var configuration = Configuration(home: "/home/u")
      let base = configuration
      let rules = OverlayRules(document: document, root: "/r")
      try rules.checkKeys()
      try configuration.apply(document, context: context)
      _ = try rules.review(&configuration, over: base)
    } catch {
      #expect(error.line > 0 && error.column > 0, "\(error.summary)")
      #expect(!error.summary.contains("\n"))
    }
  }
}

/// The locator must find every value the TOML library finds.
private func nodesWithoutPlace(
  _ node: ConfigurationNode, _ locator: TOMLLocator
) -> [ConfigurationKeyPath] {
  var missing: [ConfigurationKeyPath] = []
  if !node.keyPath.components.isEmpty, locator.keys[node.keyPath] == nil {
    missing.append(node.keyPath)
  }
  var children = node.entries
  if case .array(let elements) = node.value { children = elements }
  return missing + children.flatMap { nodesWithoutPlace($0, locator) }
}

@Test(arguments: [
  String(repeating: "[", count: 500_000), "a = " + String(repeating: "[", count: 500_000),
  "a = " + String(repeating: "{a=", count: 300_000),
  String(repeating: "a.", count: 400_000) + "a = 1",
  String(repeating: "a.", count: 400_000) + "a = 1\n!",
  "[" + String(repeating: "a.", count: 400_000) + "a]\n",
  "a = {" + String(repeating: "a.", count: 400_000) + "a = 1}\n",
  "a = [\u{2028}]", "a = [}", "[=]", "[[[a]]]", "[", "[[", "[a", "[a]]",
  String(repeating: "\n", count: 1_000_000),
  "x = \"" + String(repeating: "\\u0041", count: 100_000) + "\"",
])
func extremeNestingIsRefusedWithoutHarm(text: String) throws {
  let context = ReadingContext(
    expansion: PathExpansion(home: "/home/u", environment: [:]), relativePathsStart: "/r")
  var configuration = Configuration(home: "/home/u")
  do throws(ConfigurationError) {
    let document = try ConfigurationDocument(
      bytes: Array(text.utf8), file: "/c", layer: .overlay)
    try configuration.apply(document, context: context)
    #expect(configuration == Configuration(home: "/home/u"))
  } catch {
    #expect(error.summary.utf8.count < 2000, "\(error.summary.utf8.count)")
  }
}
