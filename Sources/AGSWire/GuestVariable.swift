/// Names of the variables that host and container agree on (3-run "Environment",
/// 4-channels).
public enum GuestVariable {
  // On podman's command line: nothing in them is private.
  public static let home = "HOME"
  public static let path = "PATH"
  public static let language = "LANG"
  public static let sandbox = "AGS_SANDBOX"
  public static let sessionID = "AGS_SESSION_ID"
  public static let lockdown = "AGS_LOCKDOWN"

  // In the launch document.
  public static let gitConfiguration = "GIT_CONFIG_GLOBAL"
  public static let sshAgentSocket = "SSH_AUTH_SOCK"
  public static let hostServicesHost = "AGS_HOST_SERVICES_HOST"
  public static let hostServicesHint = "AGS_HOST_SERVICES_HINT"
  public static let browser = "BROWSER"
  public static let guardReadRoots = "AGS_GUARD_READ_ROOTS_JSON"
  public static let guardWriteRoots = "AGS_GUARD_WRITE_ROOTS_JSON"
  public static let guardYolo = "AGS_GUARD_YOLO"

  // The channels.
  public static let authProxySocket = "AGS_AUTH_PROXY_SOCK"
  public static let webviewRelaySocket = "AGS_WEBVIEW_RELAY_SOCKET"
  public static let webviewURLHelper = "AGS_WEBVIEW_URL_HELPER"
  public static let hostUISocket = "AGS_HOST_UI_SOCK"
  public static let hostUIProtocol = "AGS_HOST_UI_PROTOCOL"
  public static let hostUITransport = "AGS_HOST_UI_TRANSPORT"
  public static let hostUISessionID = "AGS_HOST_UI_SESSION_ID"
  public static let hostUIHint = "AGS_HOST_UI_HINT"
  public static let glimpseBinary = "GLIMPSE_BINARY_PATH"
  public static let clipboardSocket = "AGS_CLIPBOARD_SOCK"
  public static let clipboardProtocol = "AGS_CLIPBOARD_PROTOCOL"
  public static let clipboardMode = "AGS_CLIPBOARD_MODE"
  public static let clipboardHint = "AGS_CLIPBOARD_HINT"
  public static let sessionType = "XDG_SESSION_TYPE"
}
