// Ten lookups the way `ags` makes them, against ten `secret-tool` processes one after
// the other, on a keyring of its own (7-quality). Prints milliseconds and the factor;
// each number is the median of the rounds given as the one argument (7 by default).
// Ends with 1 below the factor 4.
import AGSLib
import AGSTestSupport
import SystemPackage

@main
enum SecretBench {
  static func main() async throws {
    let rounds = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 7
    let services = (0..<10).map { "service\($0)" }
    let (ours, theirs) = try await Keyring.with { keyring in
      for service in services {
        try await keyring.store(Array("value".utf8), service: service)
      }
      var ours: [Double] = []
      var theirs: [Double] = []
      for _ in 0..<max(rounds, 1) {
        ours.append(try await inProcess(services, keyring))
        theirs.append(try await withPrograms(services, keyring))
      }
      return (median(ours), median(theirs))
    }
    let factor = theirs / ours
    print("ten secrets in process     \(tenths(ours)) ms")
    print("ten secret-tool processes  \(tenths(theirs)) ms")
    print("factor                     \(tenths(factor))")
    if factor < 4 { throw TooSlow() }
  }

  struct TooSlow: Error {}

  /// A new process each time, so that each round pays for the connection.
  private static func inProcess(_ services: [String], _ keyring: Keyring) async throws -> Double {
    let program = try Host.current().executable.removingLastComponent().appending("secret-probe")
    let result = try await SubprocessRunner().run(
      Command(
        executable: program, arguments: ["time", "10000"] + services,
        environment: keyring.environment, timeout: .seconds(30)))
    let text = String(decoding: result.standardOutput, as: UTF8.self).filter { $0 != "\n" }
    guard let microseconds = Double(text) else { throw TooSlow() }
    return microseconds / 1000
  }

  private static func withPrograms(
    _ services: [String], _ keyring: Keyring
  ) async throws -> Double {
    let took = try await ContinuousClock().measure {
      for service in services { _ = try await keyring.lookUp(service: service) }
    }
    return took / .milliseconds(1)
  }

  private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

  private static func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}
