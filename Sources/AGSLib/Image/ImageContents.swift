/// The programs an image holds. The builder looks once and writes labels, so that
/// nothing is started later to find out (5-commands "The image").
public struct ImageContents: Sendable, Equatable {
  /// The label with the programs' names, separated by commas.
  public static let toolsLabel = "io.ags.contents"
  /// The label with the version of the Containerfile and its companions.
  public static let versionLabel = "io.ags.image.version"
  /// The label with the stage; `custom` for a Containerfile without stages of ours.
  public static let stageLabel = "io.ags.image.stage"

  /// Programs on the image's `PATH`, of those in `interesting`.
  public var tools: Set<String>
  /// Changes when the Containerfile or a file it copies changes.
  public var version: String
  public var stage: String

  public init(tools: Set<String>, version: String, stage: String) {
    self.tools = tools
    self.version = version
    self.stage = stage
  }

  /// Reads the labels of an image; `nil` for an image that no `ags` built.
  public init?(labels: [String: String]) {
    guard let tools = labels[Self.toolsLabel], let version = labels[Self.versionLabel] else {
      return nil
    }
    self.tools = Self.tools(inLabel: tools)
    self.version = version
    stage = labels[Self.stageLabel] ?? "custom"
  }

  /// The labels, in a stable order.
  public var labels: [(name: String, value: String)] {
    [
      (Self.toolsLabel, tools.sorted().joined(separator: ",")),
      (Self.versionLabel, version),
      (Self.stageLabel, stage),
    ]
  }

  /// The programs that are looked for. A name outside this list is in no label.
  public static let interesting: [String] = [
    "bash", "br", "bv", "cargo", "claude", "codex", "curl", "dcg", "fd", "file", "g++", "gcc",
    "gemini", "gh", "git", "go", "java", "jq", "less", "make", "node", "npm", "opencode",
    "patch", "pi", "pip3", "pkg-config", "pnpm", "ps", "psql", "python3", "rg", "rsync", "ruby",
    "rustc", "sh", "socat", "sqlite3", "ssh", "tmux", "tree", "unzip", "wget", "xz", "zip",
  ]

  /// Prints the name of each of its arguments that is a program on `PATH`.
  static let probe = #"for t; do if command -v "$t" >/dev/null; then echo "$t"; fi; done"#

  /// What the label of an image says; nothing where it has none.
  static func tools(inLabel label: String?) -> Set<String> {
    Set((label ?? "").split(separator: ",").map(String.init))
  }

  /// What the probe printed; anything else it might print is dropped.
  static func tools(inProbe output: [UInt8]) -> Set<String> {
    let lines = String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
    return Set(lines).intersection(interesting)
  }
}
