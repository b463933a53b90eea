internal import AGSWire

/// Where a login's answer comes to, as the page's URL says (4-channels "OAuth callback").
struct CallbackTarget: Sendable, Equatable {
  let port: UInt16
  /// Normalised as in `CheckedURL`.
  let path: String
  /// What the answer must repeat, decoded.
  let state: [UInt8]?

  /// In this order; the first that names this machine counts.
  static let names = ["redirect_uri", "callback_url", "return_url", "redirect_url"]

  /// Nil when the URL sends the answer elsewhere, or nowhere, or says two things at once.
  init?(of url: CheckedURL) {
    let items = url.queryItems
    guard let redirect = Self.names.lazy.compactMap({ Self.loopback(items.only($0)) }).first
    else { return nil }
    let states = items.filter { $0.name.elementsEqual("state".utf8) }
    guard states.count <= 1 else { return nil }
    port = redirect.port
    path = redirect.path
    state = states.first?.value
  }

  private static func loopback(_ value: [UInt8]?) -> CheckedURL? {
    // One that is refused is none of ours.
    guard let value, let text = String(validating: value, as: UTF8.self),
      let url = try? CheckedURL(text), url.scheme == .http, url.isLoopback, url.port >= 1024
    else { return nil }
    return url
  }

  /// Whether a request is the answer. Another spelling of the same path is the same path.
  func matches(path: ArraySlice<UInt8>, query: ArraySlice<UInt8>) -> Bool {
    // A path that is refused is not ours.
    guard path.first == UInt8(ascii: "/"), let path = try? URLText.path(path), path == self.path
    else { return false }
    guard let state else { return true }
    return QueryItem.list(query).only("state") == state
  }
}
