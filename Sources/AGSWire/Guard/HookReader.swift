/// Reads a hook document as it comes, so that a `Write` of many megabytes needs no more
/// memory than a small one. As strict as `JSONReader`, except that a name may stand
/// twice in an object nobody looks into: of names that count every value is kept.
struct HookReader<Source: ByteSource> {
  var source: Source
  private(set) var sourceFailed = false
  private(set) var isTooLarge = false
  private var buffer = [UInt8](repeating: 0, count: 16 << 10)
  private var index = 0
  private var count = 0
  /// Bytes before the buffer's.
  private var consumed = 0
  private var depth = 0
  private var fields: [HookDocument.Field] = []

  init(source: Source) { self.source = source }

  /// The byte at the position, nil at the end.
  var next: UInt8? {
    mutating get {
      if index == count { refill() }
      return index < count ? buffer[index] : nil
    }
  }

  mutating func advance() { index += 1 }

  private mutating func refill() {
    consumed += count
    index = 0
    count = 0
    if sourceFailed || isTooLarge { return }
    let got = buffer.withUnsafeMutableBufferPointer { source.read(into: $0) }
    if got < 0 || got > buffer.count {
      sourceFailed = true
    } else if consumed + got > HookDocument.maximumSize {
      isTooLarge = true
    } else {
      count = got
    }
  }

  func error(_ reason: JSONError.Reason) -> HookError {
    .malformed(JSONError(reason, offset: consumed + index))
  }

  var unexpected: HookError {
    mutating get { error(next == nil ? .unexpectedEnd : .unexpectedByte) }
  }

  mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      advance()
    }
  }

  mutating func document() throws(HookError) -> HookDocument {
    var toolName: [UInt8]?
    var workingDirectory: [UInt8]?
    var hasDirectory = false
    skipSpace()
    guard next == UInt8(ascii: "{") else { throw unexpected }
    try members { (reader, name) throws(HookError) in
      if name.elementsEqual("tool_name".utf8) {
        guard toolName == nil, let text = try reader.text("tool_name"), !text.isEmpty else {
          throw .invalid("tool_name")
        }
        toolName = text
      } else if name.elementsEqual("cwd".utf8) {
        guard !hasDirectory else { throw .invalid("cwd") }
        hasDirectory = true
        workingDirectory = try reader.text("cwd")
      } else if name.elementsEqual("tool_input".utf8) {
        try reader.input(named: Array("toolinput".utf8))
      } else {
        try reader.skipValue()
      }
    }
    skipSpace()
    guard next == nil else { throw error(.trailingBytes) }
    if sourceFailed || isTooLarge { throw unexpected }
    guard let toolName else { throw .missing("tool_name") }
    return HookDocument(
      toolName: toolName, workingDirectory: workingDirectory, fields: fields)
  }

  /// A string without NUL, or nil for null.
  private mutating func text(_ name: String) throws(HookError) -> [UInt8]? {
    skipSpace()
    if next == UInt8(ascii: "n") {
      try word("null")
      return nil
    }
    guard next == UInt8(ascii: "\"") else { throw .invalid(name) }
    let text = try string(isKept: true)
    if text.contains(0) { throw .invalid(name) }
    return text
  }

  /// A value of `tool_input`, kept when its name counts.
  private mutating func input(named name: [UInt8]) throws(HookError) {
    skipSpace()
    switch next {
    case UInt8(ascii: "{"):
      if GuardField(name) != nil { try keep(nil, named: name) }
      try members { (reader, name) throws(HookError) in
        try reader.input(named: GuardField.normalised(name))
      }
    case UInt8(ascii: "["):
      try elements { (reader) throws(HookError) in try reader.input(named: name) }
    case UInt8(ascii: "\""):
      let isKept = GuardField(name) != nil
      let text = try string(isKept: isKept)
      if isKept { try keep(text, named: name) }
    case UInt8(ascii: "n"): try word("null")
    default:
      try skipValue()
      if GuardField(name) != nil { try keep(nil, named: name) }
    }
  }

  private mutating func keep(_ text: [UInt8]?, named name: [UInt8]) throws(HookError) {
    if name.elementsEqual("toolinput".utf8), text == nil { return }
    if text?.contains(0) == true { throw .invalid("tool_input: it holds a NUL") }
    guard fields.count < HookDocument.maximumFields else { throw .tooManyValues }
    fields.append(HookDocument.Field(name: name, text: text))
  }

  private mutating func enter() throws(HookError) {
    guard depth < HookDocument.maximumDepth else { throw error(.tooDeep) }
    depth += 1
    advance()
    skipSpace()
  }

  /// After an element: true for another one, false behind the closing byte.
  private mutating func continues(until close: UInt8) throws(HookError) -> Bool {
    skipSpace()
    let byte = next
    guard byte == UInt8(ascii: ",") || byte == close else { throw unexpected }
    advance()
    if byte == close { depth -= 1 }
    return byte != close
  }

  private mutating func members(
    _ body: (inout HookReader, [UInt8]) throws(HookError) -> Void
  ) throws(HookError) {
    try enter()
    if next == UInt8(ascii: "}") {
      _ = try continues(until: UInt8(ascii: "}"))
      return
    }
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw unexpected }
      let name = try string(isKept: true)
      skipSpace()
      guard next == UInt8(ascii: ":") else { throw unexpected }
      advance()
      try body(&self, name)
    } while try continues(until: UInt8(ascii: "}"))
  }

  private mutating func elements(
    _ body: (inout HookReader) throws(HookError) -> Void
  ) throws(HookError) {
    try enter()
    if next == UInt8(ascii: "]") {
      _ = try continues(until: UInt8(ascii: "]"))
      return
    }
    repeat { try body(&self) } while try continues(until: UInt8(ascii: "]"))
  }

  private mutating func skipValue() throws(HookError) {
    skipSpace()
    switch next {
    case UInt8(ascii: "{"):
      try members { (reader, _) throws(HookError) in try reader.skipValue() }
    case UInt8(ascii: "["):
      try elements { (reader) throws(HookError) in try reader.skipValue() }
    case UInt8(ascii: "\""): _ = try string(isKept: false)
    case UInt8(ascii: "t"): try word("true")
    case UInt8(ascii: "f"): try word("false")
    case UInt8(ascii: "n"): try word("null")
    default: try skipNumber()
    }
  }
}
