import AGSLib
import ArgumentParser
import SystemPackage

struct PlanCommand: AsyncParsableCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
    case podman
  }

  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show what a run would do, and do nothing.",
    discussion: """
      Example: ags plan --agent shell --format podman

      Secrets appear as their names only.
      """)

  @Option(help: "text, json, or podman: the exact command line.")
  var format = Format.text

  @OptionGroup var options: RunOptions

  func run() async throws {
    let context = try RunContext(options, for: .plan)
    let plan = try context.launcher.withGitMounts(
      await context.launcher.plan(options.request))
    for warning in context.warnings + plan.warnings { ErrorOutput.warning(warning) }
    switch format {
    case .text: print(PlanRendering.render(plan))
    case .json: print(try PlanDescription(plan).json())
    case .podman:
      print(
        ShellQuoting.line([context.launcher.runtime.executable.string] + plan.podmanArguments))
    }
  }
}
