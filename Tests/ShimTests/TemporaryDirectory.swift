import AGSWire
import Glibc

/// A directory of one test, gone with it.
final class TemporaryDirectory {
  struct MakeError: Error { var code: Int32 }

  let path: String

  init() throws {
    var template = Array("/tmp/ags-shim-test.XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
    }
    guard let made else { throw MakeError(code: errno) }
    path = made
    chmod(path, 0o755)
  }

  deinit { remove(path) }

  /// Links are removed, not followed.
  private func remove(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      unlink(path)
      return
    }
    if let directory = opendir(path) {
      while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != "." && name != ".." { remove("\(path)/\(name)") }
      }
      closedir(directory)
    }
    rmdir(path)
  }

  func write(_ text: String, to name: String, mode: mode_t = 0o644) {
    guard let file = fopen("\(path)/\(name)", "w") else { return }
    fwrite(text, 1, text.utf8.count, file)
    fclose(file)
    chmod("\(path)/\(name)", mode)
  }
}

extension LaunchDocument {
  /// A document that runs a line of shell.
  static func shell(
    _ script: String, in directory: String = "/tmp", environment: [(String, String)] = []
  ) -> LaunchDocument {
    LaunchDocument(
      workingDirectory: directory, commands: [["sh", "-c", script]],
      environment: environment.map { EnvironmentVariable(name: $0.0, value: $0.1) })
  }

  /// A document that runs one of these programs.
  static func programs(_ commands: [String]..., path: String? = nil) -> LaunchDocument {
    var document = LaunchDocument(workingDirectory: "/", commands: commands)
    if let path { document.environment = [EnvironmentVariable(name: "PATH", value: path)] }
    return document
  }
}
