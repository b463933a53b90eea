/// Where the value of a secret may come from (2-config "Secrets").
public enum SecretSource: Sendable, Equatable {
  /// A variable of the host's environment.
  case environment(EnvironmentName)
  /// An item of the Secret Service that has all these attributes.
  case secretStore([String: String])
  /// A program and its arguments, run without a shell; the first is an absolute path.
  case command([String])
}

/// `[[secret]]` and `[[tool.secret]]`: a variable for the agent and the sources that are
/// asked for it in this order.
public struct SecretDeclaration: Sendable, Equatable {
  public var env: EnvironmentName
  /// Never empty, in file order.
  public var sources: [SecretSource]
  public var origin: ConfigurationOrigin?

  public init(
    env: EnvironmentName, sources: [SecretSource], origin: ConfigurationOrigin? = nil
  ) {
    self.env = env
    self.sources = sources
    self.origin = origin
  }
}
