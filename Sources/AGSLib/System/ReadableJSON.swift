internal import FoundationEssentials

/// What `--json` prints: indented, keys sorted, slashes as they are.
public enum ReadableJSON {
  /// - Throws: when the value cannot be encoded.
  public static func text(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
