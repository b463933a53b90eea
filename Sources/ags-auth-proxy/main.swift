import ArgumentParser

struct Program: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "ags-auth-proxy")
}
Program.main()
