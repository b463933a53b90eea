import CPosix

/// `ags-webview-url PORT [BASE_PATH]`: asks for a URL under which the user's browser finds
/// what listens on that port in the sandbox, and prints it (4-channels "relay.sock").
func runWebviewURL(_ arguments: [String]) -> Int32 {
  let name = GuestApplet.webviewURL
  do throws(Failure) {
    guard let call = try WebviewURLCall(arguments) else { return 0 }
    var host = try HostConnection(HostSocket.relay, for: "a URL on the host")
    let answer = try host.ask(.register(port: call.port, base: call.base)) {
      complain($0, as: name)
    }
    guard case .registered(let url) = answer else {
      throw Failure("the host's answer makes no sense", status: 1)
    }
    let line = Array("\(inert(url))\n".utf8)
    let count = line.withUnsafeBytes { CPosix.write(1, $0.baseAddress, $0.count) }
    guard count == line.count else {
      throw Failure("cannot print the URL: \(describe(cposix_errno()))", status: 1)
    }
    return 0
  } catch {
    if let message = error.message { complain(message, as: name) }
    return error.status
  }
}

private struct WebviewURLCall {
  let port: UInt16
  let base: String

  /// Nil when the call was for words about the program.
  init?(_ arguments: [String]) throws(Failure) {
    if let option = arguments.first(where: { $0.utf8.first == UInt8(ascii: "-") }) {
      switch option {
      case "--help", "-h": write(WebviewURLCall.help, to: 1)
      case "--version":
        write("\(GuestApplet.webviewURL) \(AGSVersion.current) (ags)\n", to: 1)
      default: throw WebviewURLCall.wrong("unknown option \(option)")
      }
      return nil
    }
    guard (1...2).contains(arguments.count) else {
      throw WebviewURLCall.wrong(
        arguments.isEmpty ? "no port is named" : "more than a port and a path")
    }
    // Int would take a sign.
    guard arguments[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let port = UInt16(arguments[0]), port > 0
    else { throw WebviewURLCall.wrong("\(arguments[0]): not a port, 1 to 65535") }
    self.port = port
    base = arguments.count == 2 ? arguments[1] : "/"
  }

  private static func wrong(_ what: String) -> Failure {
    Failure(
      "\(what); usage: \(GuestApplet.webviewURL) PORT [BASE_PATH]",
      status: GuestExitStatus.usage)
  }

  private static var help: String {
    """
    Usage: \(GuestApplet.webviewURL) PORT [BASE_PATH]

    Prints a URL under which the user's browser on the host finds what listens on
    127.0.0.1:PORT or [::1]:PORT in the sandbox. BASE_PATH is where the app begins, / if
    not given. The URL is the app's own until the session ends.

    Exit status: 0 the URL is printed, 1 there is none and one line says why, 2 a wrong call.

    """
  }
}
