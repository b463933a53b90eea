import AGSWire
import ArgumentParser

/// The sidecar for windows, dialogs and the clipboard (4-channels). This version serves none of them
/// and `ags` does not start it; it says so instead of pretending.
struct Program: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ags-glimpse-bridge",
    abstract:
      "The host's side of windows, dialogs and the clipboard; none of it is in this version.",
    version: AGSVersion.current)

  func run() throws {
    throw ValidationError("this version serves no channel; ags runs without it")
  }
}
Program.main()
