import CPosix

/// Refuses when a path is not the very file that the host opened: somebody swapped it
/// in between (3-run "Mounts").
func verify(_ mounts: [LaunchDocument.MountCheck]) throws(Failure) {
  for mount in mounts {
    var file = cposix_file()
    let error = cposix_look(mount.path, 1, &file)
    guard error == 0 else { throw Failure("\(mount.path): not mounted: \(describe(error))") }
    guard file.device == mount.device, file.inode == mount.inode,
      (file.is_directory != 0) == mount.isDirectory
    else { throw Failure("\(mount.path): what is mounted here is not what ags opened") }
  }
}

/// Makes directories with their parents. The caller has cleared the umask.
func make(_ directories: [LaunchDocument.DirectoryEntry]) throws(Failure) {
  for directory in directories {
    try makeParents(of: directory.path, mode: directory.mode)
    try makeDirectory(directory.path, mode: directory.mode, mayBeLink: false)
  }
}

/// Makes symbolic links; one that is there already must be the same.
func make(_ links: [LaunchDocument.LinkEntry]) throws(Failure) {
  for link in links {
    try makeParents(of: link.path, mode: 0o755)
    if symlink(link.target, link.path) == 0 { continue }
    let error = cposix_errno()
    guard error == EEXIST, isLink(link.path, to: link.target) else {
      throw Failure("\(link.path): cannot be linked to \(link.target): \(describe(error))")
    }
  }
}

private func makeParents(of path: String, mode: UInt32) throws(Failure) {
  let bytes = path.utf8
  var end = bytes.index(after: bytes.startIndex)
  while let slash = bytes[end...].firstIndex(of: UInt8(ascii: "/")) {
    // Images link some parents, /var/run for one: those may be followed.
    try makeDirectory(String(path[..<slash]), mode: mode, mayBeLink: true)
    end = bytes.index(after: slash)
  }
}

private func makeDirectory(_ path: String, mode: UInt32, mayBeLink: Bool) throws(Failure) {
  var file = cposix_file()
  var error = cposix_look(path, mayBeLink ? 1 : 0, &file)
  if error == ENOENT {
    if mkdir(path, mode_t(mode)) == 0 { return }
    error = cposix_errno()
    throw Failure("\(path): cannot be made: \(describe(error))")
  }
  guard error == 0 else { throw Failure("\(path): cannot be made: \(describe(error))") }
  if file.is_link != 0 { throw Failure("\(path): is a symbolic link, not a directory") }
  if file.is_directory == 0 { throw Failure("\(path): is not a directory") }
}

private func isLink(_ path: String, to target: String) -> Bool {
  var found = [UInt8](repeating: 0, count: target.utf8.count + 1)
  let length = found.withUnsafeMutableBytes { buffer in
    readlink(path, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count)
  }
  return length >= 0 && found.prefix(length).elementsEqual(target.utf8)
}
