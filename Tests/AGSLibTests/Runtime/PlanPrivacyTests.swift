import AGSTestSupport
import SystemPackage
import Testing

@testable import AGSLib

/// 6-security 15: what may be shown of a plan holds no value that could be secret.
@Suite struct PlanPrivacyTests {
  private let canary = "s3cr3t-canary"

  private func prepare(_ fixture: inout PlanFixture) throws {
    for name in ["TOKEN", "PASSED", "OP_SESSION", "OP_SERVICE_ACCOUNT_TOKEN", "https_proxy"] {
      fixture.host.environment[name] = "\(canary)-\(name)"
    }
    fixture.configuration.sandbox.passthroughEnvironment = try [
      "PASSED", "UNSET", "OP_SESSION", "OP_SERVICE_ACCOUNT_TOKEN",
    ].map { try EnvironmentName($0) }
    let token = try EnvironmentName("TOKEN")
    fixture.configuration.secrets = [
      SecretDeclaration(env: token, sources: [.environment(token)]),
      SecretDeclaration(
        env: token, sources: [.command(["/bin/echo", canary])]),
      SecretDeclaration(
        env: try EnvironmentName("STORED"), sources: [.secretStore(["service": canary])]),
    ]
  }

  @Test func argumentsAndDescriptionHoldNoValue() async throws {
    try await PlanFixture.with { fixture in
      try prepare(&fixture)
      let plan = try fixture.plan()
      #expect(!plan.podmanArguments.contains { $0.contains(canary) })
      for name in ["TOKEN", "PASSED", "OP_SESSION"] {
        #expect(!plan.podmanArguments.contains { $0.hasPrefix("--env=\(name)") })
      }
      let json = try PlanDescription(plan).json()
      #expect(!json.contains(canary))
      #expect(json.contains("\"STORED\"") && json.contains("\"PASSED\""))
      #expect(!plan.warnings.contains { $0.contains(canary) })
    }
  }

  @Test func secretWithTwoDeclarationsIsNamedOnce() async throws {
    try await PlanFixture.with { fixture in
      try prepare(&fixture)
      let json = try PlanDescription(fixture.plan()).json()
      #expect(json.components(of: "\"TOKEN\"") == 1)
    }
  }

  @Test func onePasswordVariablesAreNeverPassed() async throws {
    try await PlanFixture.with { fixture in
      try prepare(&fixture)
      #expect(try fixture.plan().passthroughNames == ["https_proxy", "PASSED"])
    }
  }

  @Test func nothingOfTheHostsEnvironmentIsShownUnasked() async throws {
    try await PlanFixture.with { fixture in
      fixture.host.environment["AWS_SECRET_ACCESS_KEY"] = canary
      fixture.host.environment["LD_PRELOAD"] = canary
      let plan = try fixture.plan()
      let json = try PlanDescription(plan).json()
      #expect(!json.contains(canary) && !json.contains("AWS_SECRET"))
    }
  }

  private func terminal(_ fixture: PlanFixture) throws -> String? {
    try fixture.plan().launchEnvironment.first { $0.name == "TERM" }?.value
  }

  @Test func unknownTerminalBecomesOneTheImageKnows() async throws {
    try await PlanFixture.with { fixture in
      let none = try terminal(fixture)
      #expect(none == nil)
      for (name, expected) in [
        ("xterm-kitty", "xterm-kitty"), ("linux", "linux"), ("alacritty", "xterm-256color"),
        ("", "xterm-256color"), ("../../x", "xterm-256color"),
      ] {
        fixture.host.environment["TERM"] = name
        let found = try terminal(fixture)
        #expect(found == expected)
      }
    }
  }

  @Test func cacheVariablesGoWithTheCaches() async throws {
    try await PlanFixture.with { fixture in
      func variables(_ plan: LaunchPlan) -> [String: String] {
        Dictionary(uniqueKeysWithValues: plan.launchEnvironment.map { ($0.name, $0.value) })
      }
      let project = variables(try fixture.plan())
      #expect(project["CARGO_HOME"] == "/home/dev/.cargo")
      #expect(project["GOMODCACHE"] == "/home/dev/go/pkg/mod")
      fixture.configuration.sandbox.caches = .none
      let none = try fixture.plan()
      #expect(variables(none)["CARGO_HOME"] == nil)
      #expect(!none.mounts.contains { $0.source.string.contains("/caches/") })
      fixture.configuration.sandbox.caches = .shared
      let shared = try fixture.plan()
      let cargo = fixture.home.appending(".cache/ags/caches/shared/cargo")
      #expect(shared.mounts.contains { $0.source == cargo })
    }
  }
}

extension String {
  fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
