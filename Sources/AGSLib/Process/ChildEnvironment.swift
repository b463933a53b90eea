internal import SystemPackage

/// The environments of the programs `ags` starts on the host: allow-lists, so that a
/// variable reaches a program because someone wrote it down here (3-run "Container
/// flags", 2-config "Secrets").
public enum ChildEnvironment {
  /// What podman gets. Never `CONTAINER_HOST` or `DOCKER_HOST`: podman is the user's own
  /// rootless engine.
  public static func podman(_ host: Host) -> [String: String] {
    selecting(from: host) { podmanNames.contains($0) || $0.hasPrefix("LC_") }
  }

  /// What the `command` of a `[[secret]]` gets.
  public static func secretCommand(_ host: Host) -> [String: String] {
    selecting(from: host) { secretCommandNames.contains($0) }
  }

  /// What sidecars get, and the programs they start for the user's desktop: a browser, a
  /// dialog.
  public static func desktop(_ host: Host) -> [String: String] {
    selecting(from: host) { name in
      desktopNames.contains(name) || desktopPrefixes.contains { name.hasPrefix($0) }
    }
  }

  private static let desktopNames: Set<String> = secretCommandNames.union([
    "LANG", "LANGUAGE", "TZ", "TMPDIR", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "BROWSER",
    "DESKTOP_SESSION", "SSL_CERT_FILE", "SSL_CERT_DIR", "WSL_DISTRO_NAME", "WSL_INTEROP",
    "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
  ])
  private static let desktopPrefixes = ["LC_", "XDG_", "KDE_", "GNOME_", "GTK_", "QT_", "MOZ_"]

  private static let secretCommandNames: Set<String> = [
    "PATH", "HOME", "USER", "LOGNAME", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR",
  ]

  private static let podmanNames: Set<String> = secretCommandNames.union([
    "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "XDG_DATA_HOME", "XDG_DATA_DIRS", "XDG_CACHE_HOME",
    "XDG_STATE_HOME", "TERM", "LANG", "TMPDIR", "TZ",
    "CONTAINERS_CONF", "CONTAINERS_STORAGE_CONF", "CONTAINERS_REGISTRIES_CONF",
    "REGISTRY_AUTH_FILE",
    "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
    "SSL_CERT_FILE", "SSL_CERT_DIR",
  ])

  /// `HOME` is the one `Host` settled on, also where the environment has none.
  private static func selecting(
    from host: Host, where isAllowed: (String) -> Bool
  ) -> [String: String] {
    var variables = host.environment.filter { isAllowed($0.key) }
    variables["HOME"] = host.home.string
    return variables
  }
}
