/// What a browser is told that does not reach the sandbox.
enum CallbackPage {
  static let notFound = page("404 Not Found", "No login waits for an answer at this address.")
  static let badRequest = page("400 Bad Request", "This is no request that can be read.")
  static let tooLarge = page(
    "431 Request Header Fields Too Large", "The head of this request is above 64 KiB.")

  static func badGateway(_ reason: String) -> [UInt8] {
    page(
      "502 Bad Gateway", "The login's answer did not reach the program in the sandbox: \(reason)")
  }

  private static func page(_ status: String, _ text: String) -> [UInt8] {
    let body = text + "\n"
    return Array(
      """
      HTTP/1.1 \(status)\r
      Content-Type: text/plain; charset=utf-8\r
      Content-Length: \(body.utf8.count)\r
      X-Content-Type-Options: nosniff\r
      Connection: close\r
      \r
      \(body)
      """.utf8)
  }
}
