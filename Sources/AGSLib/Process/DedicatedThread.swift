internal import Glibc
internal import Synchronization

/// Runs an actor's work on a thread of its own, one job after another, so that calls
/// which block for up to a minute never hold a thread of the concurrency pool. The
/// thread lives only while there is work. It gets no signals, SIGPIPE included: a write to
/// a closed pipe is an error there.
final class DedicatedThread: SerialExecutor {
  private struct State {
    var jobs: [UnownedJob] = []
    var isRunning = false
  }

  private let state = Mutex(State())

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let needsThread = state.withLock { state in
      state.jobs.append(job)
      defer { state.isRunning = true }
      return !state.isRunning
    }
    guard needsThread else { return }
    // The thread takes this reference over and gives it back when it ends.
    let reference = Unmanaged.passRetained(self).toOpaque()
    var thread = pthread_t()
    let failure = pthread_create(&thread, nil, runJobs, reference)
    if failure == 0 {
      pthread_detach(thread)
    } else {
      // No thread to be had: late on this one is better than never.
      _ = runJobs(reference)
    }
  }

  fileprivate func drain() {
    while let job = next() { job.runSynchronously(on: asUnownedSerialExecutor()) }
  }

  private func next() -> UnownedJob? {
    state.withLock { state in
      guard !state.jobs.isEmpty else {
        state.isRunning = false
        return nil
      }
      return state.jobs.removeFirst()
    }
  }
}

private func runJobs(_ reference: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let reference else { return nil }
  var all = sigset_t()
  sigfillset(&all)
  pthread_sigmask(SIG_BLOCK, &all, nil)
  Unmanaged<DedicatedThread>.fromOpaque(reference).takeRetainedValue().drain()
  return nil
}
