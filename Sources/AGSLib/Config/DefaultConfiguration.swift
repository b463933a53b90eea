public import SystemPackage

/// The commented configuration that the first run writes (2-config "The written
/// default"); `config/config.example.toml` is the same file.
public enum DefaultConfiguration {
  public static var bytes: [UInt8] { PackageResources.config_toml }

  /// Writes it to `path` (0600, directories 0700) unless something is there.
  /// - Returns: whether it was written.
  public static func writeIfMissing(to path: FilePath) throws -> Bool {
    try PrivateDirectory.makeAll(path.removingLastComponent())
    return try RegularFile.write(bytes, to: path, existing: .kept)
  }
}
