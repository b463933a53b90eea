/// What programs inside the container are told about their session, by the host, in a
/// file of the read-only `/run/ags` (3-run "Agents"): variables can be changed by
/// whoever starts a program, this cannot. One line of JSON,
/// `{"v":1,"lockdown":false,"yolo":false,"readRoots":[…],"writeRoots":[…]}`.
public struct SessionDocument: Equatable, Sendable {
  /// The run is a `--lockdown` one.
  public var lockdown: Bool
  /// The run is a `--yolo` one: the guard allows everything.
  public var yolo: Bool
  /// Directories handed in read-only; absolute.
  public var readRoots: [String]
  /// Directories handed in for writing; absolute.
  public var writeRoots: [String]

  public init(
    lockdown: Bool, yolo: Bool = false, readRoots: [String] = [], writeRoots: [String] = []
  ) {
    self.lockdown = lockdown
    self.yolo = yolo
    self.readRoots = readRoots
    self.writeRoots = writeRoots
  }

  /// The version of this format.
  public static var version: Int64 { 1 }
  /// Where it lies in the container.
  public static var path: String { GuestPath.run + "/session.json" }
  /// The longest file that is read, in bytes.
  public static var maximumSize: Int { 1 << 20 }
  /// What holds when there is no document, or none that can be read.
  public static var strictest: SessionDocument { SessionDocument(lockdown: true) }

  /// The file's content.
  public func encoded() -> [UInt8] {
    let json = JSONValue.object([
      JSONMember("v", .integer(SessionDocument.version)),
      JSONMember("lockdown", .bool(lockdown)),
      JSONMember("yolo", .bool(yolo)),
      JSONMember("readRoots", .array(readRoots.map { .string($0) })),
      JSONMember("writeRoots", .array(writeRoots.map { .string($0) })),
    ])
    return json.encoded() + [0x0A]
  }

  /// Reads a file's content; nil when it is no document of this version. Members that
  /// this version does not know are passed over.
  public static func decode(_ bytes: [UInt8]) -> SessionDocument? {
    let json: JSONValue
    do throws(JSONError) {
      json = try JSONReader.read(
        bytes, limits: JSONReader.Limits(size: maximumSize, depth: 16))
    } catch {
      return nil
    }
    guard json["v"]?.integer == version,
      let lockdown = json["lockdown"]?.bool, let yolo = json["yolo"]?.bool,
      let readRoots = roots(json["readRoots"]), let writeRoots = roots(json["writeRoots"])
    else { return nil }
    return SessionDocument(
      lockdown: lockdown, yolo: yolo, readRoots: readRoots, writeRoots: writeRoots)
  }

  private static func roots(_ json: JSONValue?) -> [String]? {
    guard let values = json?.array else { return nil }
    var roots: [String] = []
    for value in values {
      guard let path = value.string, path.utf8.first == UInt8(ascii: "/"),
        !path.utf8.contains(0)
      else { return nil }
      roots.append(path)
    }
    return roots
  }
}
