internal import AGSWire
internal import TOMLKit

/// The part of a settings file that an allow-list names. The file is one that an agent wrote:
/// whatever is in it, nothing else gets through.
enum SettingsExcerpt {
  /// The members of a JSON object called `names`; nil for what is no object.
  static func json(_ bytes: [UInt8], members names: [String]) -> [UInt8]? {
    guard let members = value(bytes)?.members else { return nil }
    return JSONValue.object(members.filter { names.contains($0.name) }).encoded() + [0x0A]
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

  /// The keys of a TOML document called `names`; nil for what is none.
  static func toml(_ bytes: [UInt8], keys names: [String]) -> [UInt8]? {
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
    for name in table.keys where names.contains(name) { kept[name] = table[name] }
    return Array(kept.convert(to: .toml).utf8) + [0x0A]
  }
}
