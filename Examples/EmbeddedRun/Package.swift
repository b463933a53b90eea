// swift-tools-version:6.2
import PackageDescription

let package = Package(
  name: "EmbeddedRun",
  dependencies: [.package(name: "ags", path: "../..")],
  targets: [
    .executableTarget(
      name: "EmbeddedRun", dependencies: [.product(name: "AGSLib", package: "ags")],
      // As the library's own release build: docs/library.md.
      linkerSettings: [.unsafeFlags(["-static-stdlib"], .when(configuration: .release))])
  ]
)
