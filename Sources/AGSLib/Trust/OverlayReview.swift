internal import SystemPackage

/// `--require-trust` was given and the repository's configuration is not trusted.
public struct OverlayNotTrusted: DescribedError, Equatable {
  public var summary: String
  public var hint: String?
}

/// Decides whether a repository's overlay is used, and applies it. Its bytes are read
/// once; what is hashed, shown and parsed are those same bytes.
struct OverlayReview {
  let root: FilePath
  let base: Configuration
  let expansion: PathExpansion
  let store: TrustStore

  init(root: FilePath, base: Configuration, expansion: PathExpansion, store: TrustStore) {
    self.root = ResolvedPath.ofMissing(root)
    self.base = base
    self.expansion = expansion.forRepository
    self.store = store
  }

  private var file: FilePath { root.appending(ConfigurationLoader.overlayName) }

  /// The overlay's bytes as they are now; nil when there is none.
  func subject() throws -> TrustSubject? {
    try RegularFile.read(
      name: "config.toml", in: ".ags", below: root, limit: TrustStore.contentLimit
    ).map { TrustSubject(root: root, name: ConfigurationLoader.overlayName, content: $0) }
  }

  func apply(to loaded: inout LoadedConfiguration, _ trust: TrustPolicy) throws {
    guard let subject = try subject() else { return }
    let record = try store.record(of: subject)
    if record?.decision == .denied {
      return try leaveOut(
        .denied(file), "was denied", hint: "`ags trust` asks again", &loaded, trust)
    }
    // Without anybody to ask, what is not known is not even parsed.
    guard record != nil || trust.prompt != nil else {
      return try leaveOut(
        .skipped(file), "is not trusted", hint: "run `ags trust` in a terminal", &loaded, trust)
    }
    let (configuration, requests) = try parse(subject)
    if let record, Set(requests).isSubset(of: record.requests) {
      loaded.configuration = configuration
      loaded.overlay = .applied(file)
      return
    }
    guard let prompt = trust.prompt else {
      return try leaveOut(
        .skipped(file), "reaches other places of the host than when it was trusted",
        hint: "run `ags trust` in a terminal", &loaded, trust)
    }
    switch try ask(prompt, subject, requests, wasAllowed: record != nil) {
    case .allow:
      loaded.configuration = configuration
      loaded.overlay = .applied(file)
    case .deny:
      try leaveOut(.denied(file), "was denied", hint: "`ags trust` asks again", &loaded, trust)
    case .undecided:
      try leaveOut(
        .skipped(file), "is not trusted", hint: "`ags trust` asks again", &loaded, trust)
    }
  }

  /// Asks and keeps the answer.
  func ask(
    _ prompt: any TrustPrompt, _ subject: TrustSubject, _ requests: [String], wasAllowed: Bool
  ) throws -> TrustAnswer {
    let question = TrustQuestion(
      subject: subject, file: file,
      previous: try store.lastAllowed(root: root, name: subject.name), requests: requests,
      wasAllowed: wasAllowed)
    let answer = try prompt.answer(question)
    switch answer {
    case .allow: try store.decide(.allowed, on: subject, requests: requests)
    case .deny: try store.decide(.denied, on: subject, requests: requests)
    case .undecided: break
    }
    return answer
  }

  /// The configuration with the overlay laid over the base, and what it asks for.
  func parse(
    _ subject: TrustSubject
  ) throws(ConfigurationError) -> (Configuration, requests: [String]) {
    do throws(ConfigurationError) {
      let document = try ConfigurationDocument(
        bytes: subject.content, file: file, layer: .overlay)
      let rules = OverlayRules(document: document, root: root)
      try rules.checkKeys()
      var merged = base
      try merged.apply(
        document, context: ReadingContext(expansion: expansion, relativePathsStart: root))
      let requests = try rules.review(&merged, over: base)
      return (merged, requests)
    } catch {
      var error = error
      let way = "`ags trust --deny` leaves this file out"
      error.hint = error.hint.map { "\($0); \(way)" } ?? way
      throw error
    }
  }

  private func leaveOut(
    _ status: OverlayStatus, _ state: String, hint: String,
    _ loaded: inout LoadedConfiguration, _ trust: TrustPolicy
  ) throws {
    let name = TerminalText.escaped(file.string)
    if trust.isRequired {
      throw OverlayNotTrusted(summary: "the configuration \(name) \(state)", hint: hint)
    }
    loaded.overlay = status
    loaded.warnings.append("the configuration \(name) \(state) and is not used; \(hint)")
  }
}
