internal import CGLib
internal import CLibSecret
internal import Synchronization

/// The blocking conversation with the Secret Service. One client has one connection;
/// it is made at the first question (15 ms), each further question takes about 1 ms.
/// Questions wait for each other, so that a locked keyring asks the user once.
actor SecretServiceClient {
  private let thread = DedicatedThread()
  private var service: UnsafeMutablePointer<SecretService>?
  /// The prompt was refused once: it is not shown again in this run.
  private var userRefused = false
  private nonisolated let prompting = Mutex(false)

  /// The user may be looking at a prompt of ours right now.
  nonisolated var isPrompting: Bool { prompting.withLock { $0 } }

  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  isolated deinit {
    if let service { g_object_unref(service) }
  }

  func lookUp(
    _ attributes: [String: String], _ unlocking: LibSecretStore.Unlocking,
    _ cancellation: Cancellation
  ) throws(SecretStoreError) -> Secret? {
    let service = try connect(cancellation)
    let table = try attributeTable(attributes)
    defer { g_hash_table_unref(table) }
    var failure: UnsafeMutablePointer<GError>?
    var open: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    var locked: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    // Without a schema the attributes are matched as they are, whoever stored the item.
    secret_service_search_for_dbus_paths_sync(
      service, nil, table, cancellation.pointer, &open, &locked, &failure)
    defer {
      g_strfreev(open)
      g_strfreev(locked)
    }
    try check(failure)
    let path: UnsafeMutablePointer<CChar>
    if let first = open?.pointee {
      path = first
    } else if let first = locked?.pointee {
      guard unlocking == .asksUser else { throw .leftLocked }
      try unlock(first, of: service, cancellation)
      path = first
    } else {
      return nil
    }
    let value = secret_service_get_secret_for_dbus_path_sync(
      service, path, cancellation.pointer, &failure)
    try check(failure)
    // The item lost its value between the two questions.
    guard let value else { return nil }
    // Wipes its memory too.
    defer { secret_value_unref(UnsafeMutableRawPointer(value)) }
    return try text(of: value)
  }

  func store(
    label: String, attributes: [String: String], secret: Secret, _ cancellation: Cancellation
  ) throws(SecretStoreError) {
    let service = try connect(cancellation)
    let table = try attributeTable(attributes)
    defer { g_hash_table_unref(table) }
    let text = secret.revealed()
    guard !text.utf8.contains(0) else { throw .notText }
    let value = secret_value_new(text, gssize(text.utf8.count), "text/plain")
    defer { if let value { secret_value_unref(UnsafeMutableRawPointer(value)) } }
    var failure: UnsafeMutablePointer<GError>?
    prompting.withLock { $0 = true }
    defer { prompting.withLock { $0 = false } }
    let isStored = secret_service_store_sync(
      service, nil, table, "default", label, value, cancellation.pointer, &failure)
    try check(failure)
    // Neither stored nor an error: the prompt to unlock or to make a keyring was refused.
    guard isStored != 0 else { throw .locked }
  }

  private func connect(
    _ cancellation: Cancellation
  ) throws(SecretStoreError) -> UnsafeMutablePointer<SecretService> {
    if let service { return service }
    var failure: UnsafeMutablePointer<GError>?
    guard let bus = g_bus_get_sync(G_BUS_TYPE_SESSION, cancellation.pointer, &failure) else {
      let isCancelled = isError(failure, g_io_error_quark(), Int32(G_IO_ERROR_CANCELLED.rawValue))
      g_clear_error(&failure)
      throw isCancelled ? .cancelled : .noBus
    }
    // By default the process would be killed when the session bus goes away.
    g_dbus_connection_set_exit_on_close(bus, 0)
    defer { g_object_unref(UnsafeMutableRawPointer(bus)) }
    let opened = secret_service_open_sync(
      secret_service_get_type(), nil, SECRET_SERVICE_OPEN_SESSION, cancellation.pointer, &failure)
    try check(failure)
    guard let opened else { throw .noService }
    service = opened
    return opened
  }

  private func unlock(
    _ path: UnsafeMutablePointer<CChar>, of service: UnsafeMutablePointer<SecretService>,
    _ cancellation: Cancellation
  ) throws(SecretStoreError) {
    guard !userRefused else { throw .locked }
    prompting.withLock { $0 = true }
    defer { prompting.withLock { $0 = false } }
    var failure: UnsafeMutablePointer<GError>?
    var unlocked: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    var paths: [UnsafePointer<CChar>?] = [UnsafePointer(path), nil]
    let count = secret_service_unlock_dbus_paths_sync(
      service, &paths, cancellation.pointer, &unlocked, &failure)
    g_strfreev(unlocked)
    guard failure == nil, count > 0 else {
      userRefused = true
      try check(failure)
      throw .locked
    }
  }

  private func text(of value: OpaquePointer) throws(SecretStoreError) -> Secret {
    var length: gsize = 0
    guard let bytes = secret_value_get(value, &length), length > 0 else { return Secret("") }
    let buffer = UnsafeBufferPointer(start: bytes, count: Int(length))
    guard !buffer.contains(0),
      let text = buffer.withMemoryRebound(to: UInt8.self, { String(validating: $0, as: UTF8.self) })
    else { throw .notText }
    return Secret(text)
  }

  private func attributeTable(
    _ attributes: [String: String]
  ) throws(SecretStoreError) -> OpaquePointer {
    guard !attributes.isEmpty,
      !attributes.contains(where: { $0.utf8.contains(0) || $1.utf8.contains(0) }),
      let table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free)
    else { throw .badAttributes }
    for (name, value) in attributes { g_hash_table_insert(table, g_strdup(name), g_strdup(value)) }
    return table
  }

  private func isError(
    _ error: UnsafeMutablePointer<GError>?, _ domain: GQuark, _ code: Int32
  ) -> Bool {
    error?.pointee.domain == domain && error?.pointee.code == code
  }

  /// Turns a GLib error, recognised by its number, into ours, and frees it.
  private func check(_ error: UnsafeMutablePointer<GError>?) throws(SecretStoreError) {
    guard let error else { return }
    defer { g_error_free(error) }
    if isError(error, g_io_error_quark(), Int32(G_IO_ERROR_CANCELLED.rawValue)) {
      throw .cancelled
    }
    if isError(error, secret_error_get_quark(), Int32(SECRET_ERROR_IS_LOCKED.rawValue)) {
      throw .locked
    }
    let absent = [
      G_DBUS_ERROR_SERVICE_UNKNOWN, G_DBUS_ERROR_NAME_HAS_NO_OWNER,
      G_DBUS_ERROR_SPAWN_EXEC_FAILED, G_DBUS_ERROR_SPAWN_CHILD_EXITED,
    ]
    if absent.contains(where: { isError(error, g_dbus_error_quark(), Int32($0.rawValue)) }) {
      throw .noService
    }
    // The service speaks here, and no message of it quotes a value.
    throw .failed(error.pointee.message.map { String(cString: $0) } ?? "no reason given")
  }
}
