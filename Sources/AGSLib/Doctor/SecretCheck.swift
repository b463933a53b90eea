/// Where each secret would come from. Their values never get here.
struct SecretCheck {
  struct Origin {
    var name: String
    /// In words; nil when no source has a value.
    var source: String?
    /// Every source and why it has none.
    var reason: String?
  }

  /// Why the Secret Service does not answer; nil when it does.
  var serviceError: SecretStoreError?
  /// Some secret is declared to be in it.
  var needsService: Bool
  var origins: [Origin]

  var findings: [Finding] { [service] + origins.map(finding) }

  private var service: Finding {
    guard let serviceError else { return .ok("secret-service", "the Secret Service answers") }
    let reason = serviceError.summary + (serviceError.cause.map { ": \($0)" } ?? "")
    guard needsService else {
      return .ok("secret-service", "\(reason); no secret is declared to be in it")
    }
    return .warn(
      "secret-service", "the Secret Service cannot be asked: \(reason)",
      hint: serviceError.hint ?? "start the keyring's program again")
  }

  private func finding(_ origin: Origin) -> Finding {
    let id = "secret:\(origin.name)"
    guard let source = origin.source else {
      return .warn(
        id, "secret \(origin.name) has no value: \(origin.reason ?? "no source")",
        hint: "docs/secrets.md shows how each source is filled; or remove the section")
    }
    return .ok(id, "secret \(origin.name) comes from \(source)")
  }
}

extension SecretCheck {
  /// Attributes that no item has.
  private static let nothing = ["io.ags.doctor": "is anybody there"]

  init(
    asking store: any SecretStore, _ resolver: SecretResolver, _ declarations: [SecretDeclaration]
  ) async {
    async let error = Self.failure(of: store)
    origins = await resolver.origins(of: declarations).map {
      Origin(name: $0.name.text, source: $0.source, reason: $0.reason)
    }
    serviceError = await error
    needsService = declarations.contains { declaration in
      declaration.sources.contains { source in
        if case .secretStore = source { true } else { false }
      }
    }
  }

  private static func failure(of store: any SecretStore) async -> SecretStoreError? {
    do throws(SecretStoreError) {
      _ = try await store.lookUp(nothing)
      return nil
    } catch {
      return error
    }
  }
}
