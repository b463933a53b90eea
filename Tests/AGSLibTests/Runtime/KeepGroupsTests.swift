import SystemPackage
import Testing

@testable import AGSLib

@Suite struct KeepGroupsTests {
  private func isReached(
    owner: UInt32 = 0, group: UInt32 = 50, mode: UInt32 = 0o2770, groups: [UInt32] = [50]
  ) -> Bool {
    let host = Host(
      environment: [:], home: "/h", userName: "u", userID: 1001, groupID: 1001,
      supplementaryGroups: groups, currentDirectory: "/", executable: "/x")
    return Workspace(
      root: "/w", workingDirectory: "/w", repository: nil, owner: owner, group: group,
      mode: mode
    ).isReachedThroughGroup(by: host)
  }

  @Test func groupsAreKeptOnlyWhereTheyAreTheOnlyWay() {
    #expect(isReached())
    #expect(!isReached(owner: 1001))
    #expect(!isReached(group: 1001))
    #expect(!isReached(mode: 0o775))
    #expect(!isReached(mode: 0o700))
    #expect(!isReached(groups: []))
  }

  @Test func flagIsInThePlanAndNeverForRoot() async throws {
    try await PlanFixture.with { fixture in
      var plan = try fixture.plan()
      #expect(!plan.podmanArguments.contains("--group-add=keep-groups"))
      plan.keepsGroups = true
      #expect(plan.podmanArguments.contains("--group-add=keep-groups"))
    }
  }
}
