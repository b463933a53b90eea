import AGSLib
import ArgumentParser

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run an agent (also without the word run).",
    discussion: """
      Example: ags --agent shell -- -c 'make test'

      Exit status: the agent's own; 128+n when a signal ended it; 2 usage or
      configuration; 125 podman failed; 126/127 the agent's program cannot be run or is
      not in the image; 130 interrupted before the agent started.
      """)

  @OptionGroup var options: RunOptions

  func run() async throws {
    let clock = ContinuousClock()
    let began = clock.now
    let context = try RunContext(options, for: .run)
    let plan = try await context.launcher.plan(options.request)
    for warning in context.warnings + plan.warnings { ErrorOutput.warning(warning) }
    if plan.hasTerminal {
      ErrorOutput.note("localhost is the container; the host is host.containers.internal")
    }
    if plan.tmux != .absent, !plan.hasTerminal {
      ErrorOutput.note(
        "no terminal: to look in, podman exec -it \(plan.containerName) "
          + "tmux attach -t \(TmuxUse.session)")
    }
    let planned = clock.now

    let gitReports = try GitReportFile(plan.gitReportFile)
    let signals = TerminationSignals.caught()
    let terminal = TerminalState.saved()
    let ending: SessionEnding
    do {
      ending = try await context.launcher.run(
        plan, signals: signals, measuresStart: options.timing,
        observer: SessionObserver(
          warning: { ErrorOutput.warning($0) },
          gitReport: { report in
            for line in report.lines { ErrorOutput.note(line) }
            gitReports?.add(report)
          },
          buildImage: { image in
            ErrorOutput.note("the image \(image) is missing: building it, once")
            let launcher = context.launcher
            try await MissingImage.build(
              image, containerfile: launcher.configuration.sandbox.containerfile,
              host: launcher.host)
            signals?.resume()
          }))
    } catch {
      terminal?.restore(afterCrash: true)
      gitReports?.write()
      throw error
    }
    if plan.hasTerminal { terminal?.restore(afterCrash: ending.exitStatus > 128) }
    signals?.release()
    gitReports?.write()
    if options.timing { TimingText.print(ending.timing, planning: planned - began) }
    throw ExitCode(ending.exitStatus)
  }
}
