internal import Glibc
internal import SystemPackage

/// podman's monitor of one container (conmon), found by the file it wrote its id into.
///
/// A podman that is killed between making a container and starting it can leave its
/// monitor behind, with a runtime process that waits for a start that never comes and that
/// `podman rm` does not see.
struct ContainerMonitor {
  var container: String
  var idFile: FilePath

  /// Ends the monitor and everything below it, if it is still there.
  func end() {
    guard let monitor = running else { return }
    // Stopped first, it starts nothing more while the list is made.
    kill(monitor, SIGSTOP)
    for process in descendants(of: monitor).reversed() { kill(process, SIGKILL) }
    kill(monitor, SIGKILL)
  }

  /// Its id, if the process of that id still is this container's monitor.
  private var running: pid_t? {
    guard let text = SmallFile.text(idFile),
      let id = pid_t(text.split(whereSeparator: \.isWhitespace).first ?? ""), id > 1,
      let commandLine = SmallFile.text(FilePath("/proc/\(id)/cmdline"))
    else { return nil }
    let words = commandLine.split(separator: "\0", omittingEmptySubsequences: false)
    let isOurs = zip(words, words.dropFirst()).contains { $0 == "-n" && $1 == container }
    return isOurs ? id : nil
  }

  /// Parents before children.
  private func descendants(of ancestor: pid_t) -> [pid_t] {
    var children: [pid_t: [pid_t]] = [:]
    for process in processes() {
      guard let parent = parent(of: process) else { continue }
      children[parent, default: []].append(process)
    }
    var found: [pid_t] = []
    var open = [ancestor]
    while let process = open.popLast() {
      let below = children[process] ?? []
      found += below
      open += below
    }
    return found
  }

  private func processes() -> [pid_t] {
    guard let stream = opendir("/proc") else { return [] }
    defer { closedir(stream) }
    var processes: [pid_t] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if let process = pid_t(name) { processes.append(process) }
    }
    return processes
  }

  /// The second field after the name, which is in brackets and may hold anything.
  private func parent(of process: pid_t) -> pid_t? {
    guard let text = SmallFile.text(FilePath("/proc/\(process)/stat")),
      let end = text.lastIndex(of: ")")
    else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    return fields.count > 1 ? pid_t(fields[1]) : nil
  }
}
