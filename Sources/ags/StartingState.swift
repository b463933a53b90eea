import CPosix
import Glibc

/// What this process makes sure of before it does anything else.
enum StartingState {
  static func prepare() {
    openStandardDescriptors()
    // Secrets pass through here: no core file, and no reading along by other processes of
    // the user. podman gets the soft limit too; the plan sets the container's own.
    _ = cposix_make_undumpable()
    _ = cposix_set_core_limit(0)
  }

  /// A standard stream that the caller has closed would otherwise be the number of the
  /// first thing opened here, and podman would write into that.
  private static func openStandardDescriptors() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      // The lowest free number, so this very one. Without /dev/null it stays closed.
      _ = open("/dev/null", O_RDWR)
    }
  }
}
