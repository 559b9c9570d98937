// swift-tools-version: 6.2
import PackageDescription

/// libFuzzer on the readers of the package beside: `Scripts/fuzz.sh` builds it, with what it takes.
let package = Package(
  name: "Fuzzing",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "descent", path: "..")],
  targets: [
    .systemLibrary(name: "CFuzzer", path: "CFuzzer"),
    .executableTarget(
      name: "fuzz", dependencies: ["CFuzzer", .product(name: "FuzzTargets", package: "descent")], path: "Fuzz"),
  ],
  swiftLanguageModes: [.v6]
)
