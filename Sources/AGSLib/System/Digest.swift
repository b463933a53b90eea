internal import CGLib

/// The one hash of the project: SHA-256, computed by glib's `GChecksum`.
public enum Digest {
  /// The SHA-256 of `chunks` in order, as 64 lower-case hexadecimal digits.
  public static func sha256(_ chunks: [UInt8]...) -> String {
    let checksum = g_checksum_new(G_CHECKSUM_SHA256)
    defer { g_checksum_free(checksum) }
    for chunk in chunks {
      g_checksum_update(checksum, chunk, gssize(chunk.count))
    }
    return String(cString: g_checksum_get_string(checksum))
  }
}
