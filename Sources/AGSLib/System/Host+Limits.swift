internal import CPosix

extension Host {
  /// The finite hard limits of this process by podman's names.
  static func hardLimitsOfThisProcess() -> [String: UInt64] {
    ["nofile": cposix_hard_file_limit(), "nproc": cposix_hard_process_limit()]
      .filter { $0.value != .max }
  }
}
