/// Whose questions these are, as dialogs and lists name it.
public struct ApprovalSession: Sendable, Equatable, Hashable {
  public var id: String
  public var agent: String
  public var workspace: String

  public init(id: String, agent: String, workspace: String) {
    self.id = id
    self.agent = agent
    self.workspace = workspace
  }
}
