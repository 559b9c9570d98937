// swift-tools-version: 6.2
import PackageDescription

/// `DESCENT_STRICT=1` makes every compiler warning an error; `make test` sets it.
let strict: [SwiftSetting] =
  Context.environment["DESCENT_STRICT"] == nil ? [] : [.treatAllWarnings(as: .error)]

/// Homebrew keeps oneDNN outside the compiler's folders, and `make` writes the pkg-config file that oneDNN lacks; Debian
/// keeps it inside them.
#if os(macOS)
  let oneDNNPackageName: String? = "dnnl"
#else
  let oneDNNPackageName: String? = nil
#endif

let package = Package(
  name: "descent",
  platforms: [.macOS(.v15), .iOS(.v18)],
  products: [
    .library(name: "Descent", targets: ["Descent"]),
    .library(name: "DescentNetworks", targets: ["DescentNetworks"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.0")
  ],
  targets: [
    .target(name: "CLanes"),
    .target(
      name: "Descent",
      dependencies: ["CLanes", .product(name: "RealModule", package: "swift-numerics")],
      swiftSettings: strict),
    .systemLibrary(
      name: "OneDNNLibrary", pkgConfig: oneDNNPackageName, providers: [.apt(["libdnnl-dev"]), .brew(["onednn"])]),
    .target(name: "COneDNN", dependencies: ["OneDNNLibrary"], linkerSettings: [.linkedLibrary("dnnl")]),
    .target(
      name: "DescentNetworks",
      dependencies: ["Descent", "COneDNN", .product(name: "RealModule", package: "swift-numerics")],
      swiftSettings: strict),
    .testTarget(name: "DescentNetworksTests", dependencies: ["DescentNetworks"], swiftSettings: strict),
    .testTarget(name: "DescentTests", dependencies: ["Descent"], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
