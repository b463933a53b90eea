/// The version of `ags`, its side programs and the shim: one, because they are built
/// and installed together.
public enum AGSVersion {
  public static let current = "0.1.0"
}
