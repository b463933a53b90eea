/// One line of a channel (4-channels): a JSON object of at most 1 MiB that says its version.
public enum ChannelFrame {
  /// The version of every message in this folder.
  public static var version: Int64 { 1 }
  /// The longest line in bytes, without its newline.
  public static var maximumSize: Int { 1 << 20 }
  /// Connections of one session, all channels together.
  public static var maximumConnections: Int { 256 }
  /// Ports that one session may have relayed.
  public static var maximumRegistrations: Int { 32 }
  /// The longest URL that may be asked for, in bytes.
  public static var maximumURL: Int { 8 << 10 }

  /// The object of a line, its version checked.
  public static func read(_ line: [UInt8]) throws(ChannelFault) -> JSONValue {
    guard line.count <= maximumSize else { throw ChannelFault(.tooLarge, "a line of over 1 MiB") }
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONReader.read(line)
    } catch {
      throw ChannelFault(.badFrame, error.message)
    }
    guard value.members != nil else { throw ChannelFault(.badFrame, "no JSON object") }
    guard value["v"]?.integer == version else {
      throw ChannelFault(.unsupportedVersion, "this side speaks version 1")
    }
    return value
  }

  /// An object of this version as a line, newline included.
  public static func line(_ members: [JSONMember]) -> [UInt8] {
    var output: [UInt8] = []
    JSONValue.object([JSONMember("v", .integer(version))] + members).append(to: &output)
    output.append(0x0A)
    return output
  }
}

/// Why a request was not carried out: one line for whoever asked.
public struct ChannelFault: Error, Equatable, Sendable {
  /// The raw value is the `code` on the wire.
  public enum Code: String, Sendable {
    case badFrame = "bad_frame"
    case unsupportedVersion = "unsupported_version"
    case unknownType = "unknown_type"
    case tooLarge = "too_large"
    /// A limit of the session is reached.
    case limit
    /// Slower than the channel allows.
    case slow
    /// The user said no, or nothing for too long.
    case denied
    case invalidURL = "invalid_url"
    /// Somebody else has the port on the host.
    case portInUse = "port_in_use"
    /// A port the plan does not list.
    case notListed = "not_listed"
    /// What would carry it out is not there, or not any more.
    case unavailable
    /// It was tried and went wrong.
    case failed
  }

  public var code: Code
  /// One line without control characters.
  public var message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }
}
