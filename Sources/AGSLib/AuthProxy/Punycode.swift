/// The encoding of one label of a host name in ASCII (RFC 3492), without the `xn--`.
enum Punycode {
  private static let base = 36
  private static let firstThreshold = 1
  private static let lastThreshold = 26
  private static let skew = 38
  private static let damp = 700
  private static let firstBias = 72
  private static let firstScalar = 0x80

  /// Of at most 63 scalars: a longer label does not fit into a name in any encoding.
  static func encode(_ label: some Collection<Unicode.Scalar>) -> [UInt8]? {
    guard label.count <= 63 else { return nil }
    var output = label.filter(\.isASCII).map { UInt8($0.value) }
    let basic = output.count
    if basic > 0 { output.append(UInt8(ascii: "-")) }
    var (next, delta, bias, handled) = (firstScalar, 0, firstBias, basic)
    while handled < label.count {
      let smallest = label.lazy.map { Int($0.value) }.filter { $0 >= next }.min() ?? next
      delta += (smallest - next) * (handled + 1)
      next = smallest
      for scalar in label {
        if scalar.value < next { delta += 1 }
        guard scalar.value == next else { continue }
        append(delta, bias, to: &output)
        bias = adapted(delta, handled + 1, isFirst: handled == basic)
        delta = 0
        handled += 1
      }
      delta += 1
      next += 1
    }
    return output
  }

  /// What `encode` would have made this of; nil when it makes nothing so.
  static func decode(_ bytes: ArraySlice<UInt8>) -> [Unicode.Scalar]? {
    guard bytes.count <= 63 else { return nil }
    let hyphen = bytes.lastIndex(of: UInt8(ascii: "-"))
    let plain = hyphen.map { bytes[..<$0] } ?? bytes[..<bytes.startIndex]
    var output = plain.map { Unicode.Scalar($0) }
    var rest = bytes[(hyphen.map { bytes.index(after: $0) } ?? bytes.startIndex)...]
    var (next, position, bias) = (firstScalar, 0, firstBias)
    while !rest.isEmpty {
      let start = position
      guard let more = takeNumber(from: &rest, bias) else { return nil }
      position += more
      let count = output.count + 1
      bias = adapted(position - start, count, isFirst: start == 0)
      next += position / count
      position %= count
      guard let value = UInt32(exactly: next), let scalar = Unicode.Scalar(value) else {
        return nil
      }
      output.insert(scalar, at: position)
      position += 1
    }
    return encode(output).map { $0.elementsEqual(bytes) } == true ? output : nil
  }

  private static func threshold(_ position: Int, _ bias: Int) -> Int {
    min(max(position - bias, firstThreshold), lastThreshold)
  }

  private static func append(_ number: Int, _ bias: Int, to output: inout [UInt8]) {
    var rest = number
    for position in stride(from: base, through: .max, by: base) {
      let limit = threshold(position, bias)
      guard rest >= limit else { break }
      output.append(digit(limit + (rest - limit) % (base - limit)))
      rest = (rest - limit) / (base - limit)
    }
    output.append(digit(rest))
  }

  private static func takeNumber(from rest: inout ArraySlice<UInt8>, _ bias: Int) -> Int? {
    var (number, weight) = (0, 1)
    for position in stride(from: base, through: .max, by: base) {
      guard let byte = rest.popFirst(), let value = value(of: byte) else { return nil }
      number += value * weight
      // Above every position of every scalar in a label.
      guard number < 1 << 28 else { return nil }
      let limit = threshold(position, bias)
      guard value >= limit else { break }
      weight *= base - limit
      guard weight < 1 << 32 else { return nil }
    }
    return number
  }

  private static func value(of digit: UInt8) -> Int? {
    switch digit {
    case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(digit - UInt8(ascii: "a"))
    case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(digit - UInt8(ascii: "0")) + 26
    default: nil
    }
  }

  private static func digit(_ value: Int) -> UInt8 {
    UInt8(value < 26 ? Int(UInt8(ascii: "a")) + value : Int(UInt8(ascii: "0")) + value - 26)
  }

  private static func adapted(_ delta: Int, _ count: Int, isFirst: Bool) -> Int {
    var delta = isFirst ? delta / damp : delta / 2
    delta += delta / count
    var steps = 0
    while delta > (base - firstThreshold) * lastThreshold / 2 {
      delta /= base - firstThreshold
      steps += base
    }
    return steps + (base - firstThreshold + 1) * delta / (delta + skew)
  }
}
