/// For calls that block: a thread of their own while there are any.
actor BlockingThread {
  private nonisolated let thread = DedicatedThread()
  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  func run<Value: Sendable>(_ body: @Sendable () throws -> Value) rethrows -> Value {
    try body()
  }
}
