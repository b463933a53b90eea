/// Names of the shim that programs in the container look for (3-run "Mounts" 8).
public enum GuestApplet {
  /// Shows a page to the user: `$BROWSER`.
  public static var open: String { "ags-open" }
  /// What programs call for that where nobody told them of `ags-open`.
  public static var browsers: [String] {
    ["xdg-open", "sensible-browser", "x-www-browser", "www-browser"]
  }
  /// Gives a port of the sandbox a URL on the host.
  public static var webviewURL: String { "ags-webview-url" }

  /// All that are installed beside `ags-shim` itself.
  public static var names: [String] { [open, webviewURL] + browsers }

  public static func isOpener(_ name: String) -> Bool {
    name == open || browsers.contains(name)
  }
}
