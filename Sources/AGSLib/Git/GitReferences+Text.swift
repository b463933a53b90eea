/// References as lines, as `packed-refs` has them: one string in a record, and the file an
/// agent's copy starts with.
extension GitReferences: Codable {
  /// The content of a `packed-refs` that has them all but the symbolic ones.
  var packed: [UInt8] {
    var bytes = Array("# pack-refs with: sorted \n".utf8)
    for (name, object) in objects.sorted(by: { Self.precedes($0.key, $1.key) }) {
      bytes += object.text.utf8
      bytes.append(UInt8(ascii: " "))
      bytes += name.text.utf8
      bytes.append(UInt8(ascii: "\n"))
    }
    return bytes
  }

  /// git searches the file, so its order is by bytes.
  private static func precedes(_ left: GitReferenceName, _ right: GitReferenceName) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }

  private enum Key: CodingKey {
    case packed
    case symbolic
    case head
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    self.init()
    try addPacked(Array(try container.decode(String.self, forKey: .packed).utf8))
    symbolic = try container.decode(
      [GitReferenceName: GitReferenceName].self, forKey: .symbolic)
    head = try container.decodeIfPresent(GitHead.self, forKey: .head)
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(String(decoding: packed, as: UTF8.self), forKey: .packed)
    try container.encode(symbolic, forKey: .symbolic)
    try container.encodeIfPresent(head, forKey: .head)
  }
}
