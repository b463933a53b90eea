public import SystemPackage

/// Programs of ours that lie beside the running one (3-run, last line).
public enum SiblingProgram {
  /// Where `name` may be: next to the program, links resolved, else in `../libexec/ags`.
  public static func candidates(_ name: String, of host: Host) -> [FilePath] {
    let directory = host.executable.removingLastComponent()
    return [
      directory.appending(name),
      directory.removingLastComponent().appending("libexec/ags").appending(name),
    ]
  }
}
