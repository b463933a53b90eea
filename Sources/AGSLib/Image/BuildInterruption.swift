internal import Glibc
internal import SystemPackage

/// Ends a running `podman build` so that it cleans up after itself.
///
/// A signal to podman leaves its build step running, and its working containers for good
/// (seen with 4.3.1, for SIGINT, SIGTERM and SIGKILL alike). Ending the step instead is
/// a failed step, after which podman removes its containers and exits. The step's
/// processes are those that have the build's own directory mounted.
struct BuildInterruption: Sendable {
  /// A name that appears in no other process's mounts.
  let mark: String

  /// Ends the processes of the current step, if there are any right now.
  func endStep() {
    guard let processes = opendir("/proc") else { return }
    defer { closedir(processes) }
    let own = getpid()
    while let entry = readdir(processes) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard let id = pid_t(name), id != own, hasMark(id) else { continue }
      kill(id, SIGKILL)
    }
  }

  private func hasMark(_ id: pid_t) -> Bool {
    // Gone meanwhile, or another user's: not a process of ours.
    guard let mounts = try? ImageFiles.read(FilePath("/proc/\(id)/mountinfo")) else {
      return false
    }
    return String(decoding: mounts, as: UTF8.self).contains(mark)
  }
}
