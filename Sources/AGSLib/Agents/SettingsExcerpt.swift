internal import AGSWire
internal import TOMLKit

/// The part of a settings file that an allow-list names. The file is one that an agent wrote:
/// whatever is in it, nothing else gets through.
enum SettingsExcerpt {
  /// The members of a JSON object called `names`; nil for what is no object.
  static func json(_ bytes: [UInt8], members names: [String]) -> [UInt8]? {
    guard let members = value(bytes)?.members else { return nil }
    let kept = members.filter { names.contains($0.name) }
    return (harmless(.object(kept)) ?? .object([])).encoded() + [0x0A]
  }

  /// Without what makes an agent run a program to get at a key, or load a module: pi's values
  /// that begin with `!`, objects with a `command`, opencode's `npm` of anybody but its vendor.
  private static func harmless(_ value: JSONValue) -> JSONValue? {
    switch value {
    case .string(let text): return text.hasPrefix("!") ? nil : value
    case .array(let values): return .array(values.compactMap(harmless))
    case .object(let members):
      let loads = members.contains { member in
        guard member.name == "npm" else { return member.name == "command" }
        guard case .string(let package) = member.value else { return true }
        return !package.hasPrefix("@ai-sdk/") || package.contains(":")
      }
      guard !loads else { return nil }
      return .object(
        members.compactMap { member in
          harmless(member.value).map { JSONMember(member.name, $0) }
        })
    default: return value
    }
  }

  /// Nil for what is not JSON.
  static func value(_ bytes: [UInt8]) -> JSONValue? {
    do throws(JSONError) {
      return try JSONReader.read(
        bytes, limits: JSONReader.Limits(size: bytes.count, depth: 128))
    } catch {
      return nil
    }
  }

  /// What `harmless` does, for TOML: Codex gets a provider's key from a `command`.
  /// - Returns: false when the table is one itself.
  private static func removeCommands(in table: TOMLTable) -> Bool {
    for name in table.keys where !isHarmless(table[name]) { table.remove(at: name) }
    return !table.contains(key: "command")
  }

  /// Of a table only what is not harmless in it goes; a list with such a table goes whole.
  private static func isHarmless(_ value: (any TOMLValueConvertible)?) -> Bool {
    if let table = value?.table { return removeCommands(in: table) }
    return value?.array?.allSatisfy { isHarmless($0) } ?? true
  }

  /// The keys of a TOML document called `names`; nil for what is none.
  /// - Parameter keepsCommands: for comparing, not for handing on.
  static func toml(
    _ bytes: [UInt8], keys names: [String], keepsCommands: Bool = false
  ) -> [UInt8]? {
    guard let text = String(validating: bytes, as: UTF8.self), !text.contains("\0"),
      // What would end the program must not reach the library.
      TOMLLocator(text).refusal == nil
    else { return nil }
    let table: TOMLTable
    do {
      table = try TOMLTable(string: text)
    } catch {
      return nil
    }
    let kept = TOMLTable()
    for name in table.keys where names.contains(name) {
      guard keepsCommands || isHarmless(table[name]) else { continue }
      kept[name] = table[name]
    }
    return Array(kept.convert(to: .toml).utf8) + [0x0A]
  }
}
