internal import SystemPackage

/// A variable and its secret value.
public struct ResolvedSecret: Sendable, Equatable {
  public var name: EnvironmentName
  public var value: Secret

  public init(name: EnvironmentName, value: Secret) {
    self.name = name
    self.value = value
  }
}

/// What came of all `[[secret]]` declarations.
public struct SecretResolution: Sendable, Equatable {
  /// One entry a variable, in the order in which the file first names them.
  public var values: [ResolvedSecret]
  /// One line for each variable without a value: every source and why it had none.
  public var warnings: [String]

  public init(values: [ResolvedSecret] = [], warnings: [String] = []) {
    self.values = values
    self.warnings = warnings
  }
}

/// Finds the values of `[[secret]]` declarations (2-config "Secrets").
///
/// For one variable the sources of all its declarations are asked in file order until
/// one has a value that is not empty; different variables are resolved at the same time.
/// Variables named `OP_…` are never resolved.
public struct SecretResolver: Sendable {
  private let host: Host
  private let store: any SecretStore
  private let runner: any CommandRunner

  /// How long a `command` may take.
  static let commandLimit = Duration.seconds(5)
  /// How long its line may be.
  static let longestLine = 64 << 10
  /// Linux takes no variable above 128 KiB in a new program's environment, name
  /// included.
  static let longestValue = 120 << 10

  public init(host: Host, store: any SecretStore, runner: any CommandRunner) {
    self.host = host
    self.store = store
    self.runner = runner
  }

  public func resolve(_ declarations: [SecretDeclaration]) async -> SecretResolution {
    var resolution = SecretResolution()
    for (name, outcome) in await outcomes(of: declarations) {
      switch outcome {
      case .value(let secret, _):
        resolution.values.append(ResolvedSecret(name: name, value: secret))
      case .nothing(let reason):
        resolution.warnings.append("secret \(name) is not set: \(reason)")
      }
    }
    return resolution
  }

  /// Where each variable's value comes from, in words, for whoever may not see it; nil
  /// with the reason for one without a value.
  func origins(
    of declarations: [SecretDeclaration]
  ) async -> [(name: EnvironmentName, source: String?, reason: String?)] {
    await outcomes(of: declarations).map { name, outcome in
      switch outcome {
      case .value(_, let source): (name, describe(source), nil)
      case .nothing(let reason): (name, nil, reason)
      }
    }
  }

  private func outcomes(
    of declarations: [SecretDeclaration]
  ) async -> [(name: EnvironmentName, Outcome)] {
    var names: [EnvironmentName] = []
    var sources: [EnvironmentName: [SecretSource]] = [:]
    for declaration in declarations {
      if sources[declaration.env] == nil { names.append(declaration.env) }
      sources[declaration.env, default: []] += declaration.sources
    }
    let outcomes = await withTaskGroup(of: (EnvironmentName, Outcome).self) { group in
      for name in names {
        let candidates = sources[name] ?? []
        group.addTask { (name, await firstValue(for: name, of: candidates)) }
      }
      return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    return names.compactMap { name in outcomes[name].map { (name, $0) } }
  }

  private enum Outcome: Sendable {
    case value(Secret, from: SecretSource)
    case nothing(String)
  }

  private func firstValue(for name: EnvironmentName, of sources: [SecretSource]) async -> Outcome {
    if name.belongsToOnePassword { return .nothing("variables named OP_* are never passed in") }
    var tried: [String] = []
    for source in sources {
      do throws(Unresolved) {
        let secret = try await value(of: source)
        guard !secret.isEmpty else { throw Unresolved("empty") }
        guard secret.byteCount <= Self.longestValue else {
          throw Unresolved("longer than \(Self.longestValue >> 10) KiB")
        }
        return .value(secret, from: source)
      } catch {
        tried.append("\(describe(source)): \(error.reason)")
      }
    }
    return .nothing(tried.joined(separator: "; "))
  }

  private func value(of source: SecretSource) async throws(Unresolved) -> Secret {
    switch source {
    case .environment(let name):
      guard let text = host.environment[name.text] else { throw Unresolved("not set") }
      return Secret(text)
    case .secretStore(let attributes):
      let found: Secret?
      do {
        found = try await store.lookUp(attributes)
      } catch {
        throw Unresolved(error)
      }
      guard let found else { throw Unresolved("no such item") }
      return found
    case .command(let words):
      return try await SecretCommand(words: words, host: host, runner: runner).value()
    }
  }

  /// The source as it stands in the file, shortened to what tells it from others.
  private func describe(_ source: SecretSource) -> String {
    switch source {
    case .environment(let name): "from_env \(name)"
    case .secretStore(let attributes):
      "secret_store {"
        + attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        .joined(separator: ", ").withVisibleControls + "}"
    case .command(let words): "command \((words.first ?? "").withVisibleControls)"
    }
  }
}

/// Why a source has no value; never with a part of one.
struct Unresolved: Error {
  let reason: String

  init(_ reason: String) { self.reason = reason }

  init(_ error: any DescribedError) {
    var parts = [error.summary.withVisibleControls]
    if let cause = error.cause { parts.append(cause.withVisibleControls) }
    if let hint = error.hint { parts.append(hint) }
    reason = parts.joined(separator: ", ")
  }
}

extension String {
  /// Attributes may come from a repository's overlay: what could move the cursor or
  /// reorder a terminal's line is written as its number.
  fileprivate var withVisibleControls: String {
    unicodeScalars.reduce(into: "") { text, scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse:
        text += "\\u{\(String(scalar.value, radix: 16))}"
      default: text.unicodeScalars.append(scalar)
      }
    }
  }
}
