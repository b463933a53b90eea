import FoundationEssentials
import Glibc
public import SystemPackage

/// Runs `body` with a new directory of mode 0700 and removes that afterwards, with all
/// that is in it.
public func withTemporaryDirectory<Result>(
  _ body: (FilePath) async throws -> Result
) async throws -> Result {
  var template = Array("/tmp/ags-test.XXXXXX".utf8CString)
  guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
  let path = FilePath(platformString: template)
  let result: Result
  do {
    result = try await body(path)
  } catch {
    try FileManager.default.removeItem(atPath: path.string)
    throw error
  }
  try FileManager.default.removeItem(atPath: path.string)
  return result
}
