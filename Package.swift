// swift-tools-version: 6.2
import PackageDescription

/// `DESCENT_STRICT=1` makes every compiler warning an error; `make test` sets it.
let strict: [SwiftSetting] =
  Context.environment["DESCENT_STRICT"] == nil ? [] : [.treatAllWarnings(as: .error)]

let package = Package(
  name: "descent",
  platforms: [.macOS(.v15), .iOS(.v18)],
  products: [
    .library(name: "Descent", targets: ["Descent"]),
    .library(name: "DescentData", targets: ["DescentData"]),
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
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .target(name: "DescentData", dependencies: ["Descent", "CZlib"], swiftSettings: strict),
    .testTarget(name: "DescentDataTests", dependencies: ["DescentData", "CZlib"], swiftSettings: strict),
    .testTarget(name: "DescentTests", dependencies: ["Descent"], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
