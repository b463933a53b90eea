import CPosix

@c(ags_shim_main)
func agsShimMain(_ argc: Int32, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32 {
  return 0
}
