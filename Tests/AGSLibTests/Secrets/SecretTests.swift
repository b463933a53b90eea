import AGSLib
import Testing

private struct Holder {
  var name = "token"
  var secret = Secret("hunter2")
}

@Suite struct SecretTests {
  let secret = Secret("hunter2")

  @Test func showsItselfNowhere() {
    var dumped = ""
    dump(secret, to: &dumped)
    dump(Holder(), to: &dumped)
    dump([secret], to: &dumped)
    dump(["key": Optional(secret)], to: &dumped)
    var printed = ""
    print(secret, [secret], Holder(), Optional(secret) as Any, separator: "|", to: &printed)
    let texts = [
      "\(secret)", String(describing: secret), String(reflecting: secret), "\([secret])",
      "\(Holder())", String(reflecting: Holder()), "\(Optional(secret) as Any)", dumped, printed,
      "\(Mirror(reflecting: secret).children.map { "\($0)" })", "\(Mirror(reflecting: secret))",
      "\(ResolvedSecret(name: try! EnvironmentName("A"), value: secret))",
      "\(SecretResolution(values: [ResolvedSecret(name: try! EnvironmentName("A"), value: secret)]))",
    ]
    for text in texts { #expect(!text.contains("hunter2")) }
    #expect("\(secret)" == "‹secret›")
    #expect(String(reflecting: secret) == "‹secret›")
    #expect(dumped.contains("‹secret›"))
  }

  @Test func isNotEncodable() {
    #expect(!((secret as Any) is any Encodable))
  }

  @Test func comesOutUnderItsOwnName() {
    #expect(secret.revealed() == "hunter2")
    #expect(secret == Secret("hunter2"))
    #expect(secret != Secret("hunter3"))
    #expect(Secret("ä").byteCount == 2)
    #expect(Secret("").isEmpty)
  }
}
