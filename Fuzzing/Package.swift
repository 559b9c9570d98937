// swift-tools-version: 6.2
import PackageDescription

/// Runs libFuzzer on the readers of the package in the parent folder; `Scripts/fuzz.sh` builds it.
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
