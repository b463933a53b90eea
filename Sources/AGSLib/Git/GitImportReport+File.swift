public import SystemPackage

extension GitImportReport {
  /// Writes these to a file as a JSON array, in the place of what was there, readable for the
  /// user only.
  public static func write(_ reports: [GitImportReport], to path: FilePath) throws {
    try RegularFile.write(
      Array((ReadableJSON.text(reports) + "\n").utf8), to: path, existing: .replaced)
  }
}
