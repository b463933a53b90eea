import CPosix

/// `ags-open URL`, also under the names that other programs call: shows a page in the
/// user's browser on the host (4-channels "open.sock"). Ends as soon as the page is open: 0;
/// 1 when the user said no or it failed, 2 when it was called wrongly.
func runOpen(_ arguments: [String], as name: String) -> Int32 {
  do throws(Failure) {
    guard let url = try OpenCall.url(arguments, name) else { return 0 }
    var host = try HostConnection(HostSocket.open, for: "opening a page on the host")
    let answer = try host.ask(.open(url: url)) { complain($0, as: name) }
    if answer == .done { return 0 }
    throw Failure("the host's answer makes no sense", status: 1)
  } catch {
    if let message = error.message { complain(message, as: name) }
    return error.status
  }
}

private enum OpenCall {
  /// Nil when the call was for words about the program.
  static func url(_ arguments: [String], _ name: String) throws(Failure) -> String? {
    var words = arguments
    if words.first == "--" {
      words.removeFirst()
    } else if let option = words.first(where: { $0.utf8.first == UInt8(ascii: "-") }) {
      switch option {
      case "--help", "-h", "--manual": write(help(name), to: 1)
      case "--version": write("\(name) \(AGSVersion.current) (ags)\n", to: 1)
      default: throw wrong("unknown option \(option)", name)
      }
      return nil
    }
    guard words.count == 1, let url = words.first, !url.isEmpty else {
      throw wrong(words.isEmpty ? "no page is named" : "one page at a time", name)
    }
    // What else may be wrong with it, the host says. Here only what people try: files.
    guard isPage(url) else {
      throw Failure(
        "\(url): only pages, http:// or https://, can be opened on the host", status: 1)
    }
    return url
  }

  private static func isPage(_ url: String) -> Bool {
    begins(url, with: "http://") || begins(url, with: "https://")
  }

  private static func begins(_ url: String, with scheme: StaticString) -> Bool {
    let count = scheme.utf8CodeUnitCount
    var start = url.utf8.prefix(count).makeIterator()
    for index in 0..<count {
      guard let byte = start.next() else { return false }
      let lower = (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
      if lower != scheme.utf8Start[index] { return false }
    }
    return true
  }

  private static func wrong(_ what: String, _ name: String) -> Failure {
    Failure("\(what); usage: \(name) URL", status: GuestExitStatus.usage)
  }

  private static func help(_ name: String) -> String {
    """
    Usage: \(name) URL

    Shows a page, http:// or https://, in the browser of the user on the host, who may be
    asked first. Files and other schemes are not opened.

    Exit status: 0 the page is open, 1 it is not and one line says why, 2 a wrong call.

    """
  }
}
