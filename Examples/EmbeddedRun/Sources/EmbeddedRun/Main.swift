import AGSLib

@main
struct M { static func main() throws { print(Digest.sha256(Array("abc".utf8))) } }
