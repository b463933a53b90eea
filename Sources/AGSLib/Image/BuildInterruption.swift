internal import FoundationEssentials
internal import Glibc
internal import SystemPackage

/// Ends a running `podman build` so that it cleans up after itself.
///
/// A signal to podman leaves its build step running, and its working containers for good
/// (seen with 4.3.1, for SIGINT, SIGTERM and SIGKILL alike). Ending the step instead is
/// a failed step, after which podman removes its containers and exits. The step's
/// processes are those that have the build's own directory mounted and live in a process
/// namespace other than this one: no process of the host is ever meant.
struct BuildInterruption: Sendable {
  /// A name that appears in no other process's mounts.
  let mark: String

  /// Ends the processes of the current step, if there are any right now.
  func endStep() {
    guard let processes = opendir("/proc") else { return }
    defer { closedir(processes) }
    guard let own = Self.processNamespace("self") else { return }
    while let entry = readdir(processes) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard let id = pid_t(name), let other = Self.processNamespace(name), other != own,
        hasMark(id)
      else { continue }
      kill(id, SIGKILL)
    }
  }

  /// `nil` for a process that is gone, or not this user's.
  private static func processNamespace(_ process: String) -> String? {
    try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/ns/pid")
  }

  private func hasMark(_ id: pid_t) -> Bool {
    // Gone meanwhile, or another user's: not a process of ours.
    guard let mounts = try? ImageFiles.read(FilePath("/proc/\(id)/mountinfo")) else {
      return false
    }
    return String(decoding: mounts, as: UTF8.self).contains(mark)
  }
}
