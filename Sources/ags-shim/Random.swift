import CPosix

/// What Swift seeds its hashing with. musl has no such function, so the shim brings it
/// (docs/decisions/0001-static-shim.md). The kernel gives up to 256 bytes whole once
/// its pool is ready; should it refuse, the buffer stays as it is, which costs only the
/// seed's unpredictability.
@c(arc4random_buf)
func fillWithRandomBytes(_ buffer: UnsafeMutableRawPointer, _ count: Int) {
  var filled = 0
  while filled < count {
    let got = cposix_getrandom(buffer + filled, count - filled)
    if got <= 0 { return }
    filled += got
  }
}
