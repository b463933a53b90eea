import ArgumentParser

struct Program: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "ags-glimpse-bridge")
}
Program.main()
