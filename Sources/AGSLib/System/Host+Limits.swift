internal import CPosix
internal import SystemPackage

extension Host {
  /// The hard limits a container started by this process can have, by podman's names.
  static func hardLimitsOfThisProcess() -> [String: UInt64] {
    var limits = [
      "nofile": cposix_hard_file_limit(), "nproc": cposix_hard_process_limit(),
      "core": cposix_hard_core_limit(),
    ]
    // podman lowers its own process limit to this; without CAP_SYS_RESOURCE a container's
    // cannot be raised above it again (seen with 4.3.1).
    if let text = SmallFile.firstLine("/proc/sys/kernel/pid_max"), let highest = UInt64(text) {
      limits["nproc"] = min(limits["nproc"] ?? .max, highest)
    }
    return limits.filter { $0.value != .max }
  }
}
