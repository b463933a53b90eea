// Asks the real Secret Service the way `ags` does. A program of its own because the
// session bus belongs to a process: the tests give each run the bus of their fixture.
//
//   secret-probe store LIMIT_MS SERVICE        the value comes from standard input
//   secret-probe lookup LIMIT_MS SERVICE...    all at once; one line each, in order:
//                                              value TEXT | nothing | error SUMMARY
//   secret-probe peek LIMIT_MS SERVICE...      the same without unlocking anything
//   secret-probe time LIMIT_MS SERVICE...      microseconds the same took
import AGSLib

@main
enum SecretProbe {
  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count > 3, let limit = Int(arguments[2]) else { fatalError("usage") }
    let store = LibSecretStore(
      host: try Host.current(), limit: .milliseconds(limit),
      unlocking: arguments[1] == "peek" ? .never : .asksUser)
    switch arguments[1] {
    case "store":
      try await store.store(
        label: "ags test", attributes: ["service": arguments[3]],
        secret: Secret(readLine(strippingNewline: true) ?? ""))
    case "time":
      let clock = ContinuousClock()
      let took = await clock.measure { _ = await lookUp(arguments[3...], in: store) }
      print(took / .microseconds(1))
    default:
      for answer in await lookUp(arguments[3...], in: store) { print(answer) }
    }
  }

  private static func lookUp(
    _ services: ArraySlice<String>, in store: LibSecretStore
  ) async -> [String] {
    await withTaskGroup(of: (Int, String).self) { group in
      for (index, service) in services.enumerated() {
        group.addTask { (index, await answer(service, in: store)) }
      }
      let answers = await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
      return answers.sorted { $0.key < $1.key }.map(\.value)
    }
  }

  private static func answer(_ service: String, in store: LibSecretStore) async -> String {
    do {
      guard let secret = try await store.lookUp(["service": service]) else { return "nothing" }
      return "value \(secret.revealed())"
    } catch {
      return "error \(error.summary)"
    }
  }
}
