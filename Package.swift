// swift-tools-version:6.2
// The layout is explained in docs/architecture.md, the static shim's flags in
// docs/decisions/0001-static-shim.md.
import Foundation
import PackageDescription

#if arch(arm64)
  let machine = "aarch64"
#else
  let machine = "x86_64"
#endif
let triple = "\(machine)-unknown-linux-gnu"
let musl = "\(machine)-linux-musl"

/// The directory above the first PATH entry that holds the compiler: where the
/// embedded standard library's archives are found.
let toolchain: String = {
  for entry in (Context.environment["PATH"] ?? "").split(separator: ":") {
    let compiler = URL(fileURLWithPath: "\(entry)/swiftc")
    if FileManager.default.isExecutableFile(atPath: compiler.path) {
      return compiler.resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().path
    }
  }
  return "/usr"
}()

// A static binary cannot be linked with a sanitizer's runtime, so a sanitizer run
// (AGS_SANITIZE=1 swift test --sanitize=thread) leaves the shim out.
let withShim = Context.environment["AGS_SANITIZE"] == nil

// `make check` and `make test` build with AGS_STRICT=1: a warning of ours is an error.
let warnings: [SwiftSetting] =
  Context.environment["AGS_STRICT"] == nil ? [] : [.treatAllWarnings(as: .error)]

let strict: [SwiftSetting] =
  warnings + [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
  ]
let hosted =
  strict + [.unsafeFlags(["-static-stdlib"], .when(configuration: .release))]
let linkStatic: [LinkerSetting] = [
  .unsafeFlags(["-static-stdlib", "-Xlinker", "-s"], .when(configuration: .release))
]

let argumentParser: Target.Dependency =
  .product(name: "ArgumentParser", package: "swift-argument-parser")
let systemPackage: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")

var targets: [Target] = [
  .target(name: "CPosix"),
  .systemLibrary(
    name: "CLibSecret", pkgConfig: "libsecret-1", providers: [.apt(["libsecret-1-dev"])]),
  .systemLibrary(name: "CGLib", pkgConfig: "glib-2.0", providers: [.apt(["libglib2.0-dev"])]),
  .target(
    name: "AGSWire",
    swiftSettings: strict + [.treatWarning("EmbeddedRestrictions", as: .error)]),
  .target(
    name: "AGSLib",
    dependencies: [
      "AGSWire", "CPosix", "CLibSecret", "CGLib", "TOMLKit", subprocess, systemPackage, nioCore,
      nioPosix,
    ],
    resources: [.embedInCode("Resources")],
    swiftSettings: hosted),
  .executableTarget(
    name: "ags", dependencies: ["AGSLib", "AGSWire", "CPosix", argumentParser, systemPackage],
    swiftSettings: hosted, linkerSettings: linkStatic),
  .executableTarget(
    name: "ags-auth-proxy",
    dependencies: ["AGSLib", "AGSWire", "CPosix", argumentParser, systemPackage],
    swiftSettings: hosted, linkerSettings: linkStatic),
  .executableTarget(
    name: "ags-glimpse-bridge", dependencies: ["AGSLib", "AGSWire", argumentParser],
    swiftSettings: hosted, linkerSettings: linkStatic),

  .target(
    name: "AGSTestSupport", dependencies: ["AGSLib", "CPosix", subprocess, systemPackage],
    path: "Tests/AGSTestSupport", swiftSettings: hosted),
  .executableTarget(
    name: "secret-probe", dependencies: ["AGSLib"], path: "Tests/SecretProbe",
    swiftSettings: hosted, linkerSettings: linkStatic),
  .executableTarget(
    name: "secret-bench", dependencies: ["AGSLib", "AGSTestSupport", systemPackage],
    path: "Tests/Benchmarks/secret-bench", swiftSettings: hosted, linkerSettings: linkStatic),
  .testTarget(
    name: "EndToEndTests", dependencies: ["AGSTestSupport", systemPackage], swiftSettings: strict),
  .testTarget(name: "AGSWireTests", dependencies: ["AGSWire"], swiftSettings: strict),
  .testTarget(
    name: "AGSLibTests",
    dependencies: [
      "AGSLib", "AGSTestSupport", "CPosix", "AGSWire", systemPackage, nioCore, nioPosix,
    ],
    swiftSettings: strict),
]

if withShim {
  targets.append(
    .executableTarget(
      name: "ags-shim", dependencies: ["CPosix"],
      swiftSettings: [
        .enableExperimentalFeature("Embedded"),
        .unsafeFlags([
          "-wmo", "-Osize", "-parse-as-library", "-no-static-stdlib",
          "-Xcc", "-isystem", "-Xcc", "/usr/include/\(musl)",
        ]),
      ],
      linkerSettings: [
        .unsafeFlags([
          "-no-static-stdlib",
          "-Xclang-linker", "-static", "-Xclang-linker", "-nostdlib",
          "-Xclang-linker", "-Qunused-arguments",
          "/usr/lib/\(musl)/crt1.o",
          "\(toolchain)/lib/swift/embedded/\(triple)/libswiftUnicodeDataTables.a",
          "/usr/lib/\(musl)/libc.a",
          "-Xlinker", "--gc-sections", "-Xlinker", "-s",
        ])
      ]))
  // No dependency on the shim: the tests run the binary that is built beside them.
  targets.append(
    .testTarget(
      name: "ShimTests", dependencies: ["AGSWire", "CPosix"], swiftSettings: strict))
}

let package = Package(
  name: "ags",
  products: [
    .library(name: "AGSLib", targets: ["AGSLib"]),
    .executable(name: "ags", targets: ["ags"]),
    .executable(name: "ags-auth-proxy", targets: ["ags-auth-proxy"]),
    .executable(name: "ags-glimpse-bridge", targets: ["ags-glimpse-bridge"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
  ]
    // The documentation's plugin, which nothing but `make docs` needs.
    + (Context.environment["AGS_DOCS"] == nil
      ? []
      : [.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0")]),
  targets: targets,
  swiftLanguageModes: [.v6]
)
