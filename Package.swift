// swift-tools-version: 6.2
import PackageDescription

/// `DESCENT_STRICT=1` makes every compiler warning an error; `make test` sets it.
let isStrict = Context.environment["DESCENT_STRICT"] != nil
let strict: [SwiftSetting] = isStrict ? [.treatAllWarnings(as: .error)] : []
let strictC: [CSetting] = isStrict ? [.treatAllWarnings(as: .error)] : []

/// Homebrew keeps oneDNN outside the compiler's folders, and `make` writes the pkg-config file that oneDNN lacks; Debian
/// keeps it inside them.
#if os(macOS)
  let oneDNNPackageName: String? = "dnnl"
#else
  let oneDNNPackageName: String? = nil
#endif

/// `DESCENT_DOCS=1` takes in the plug-in that builds the documentation; `make docs` sets it.
let documentation: [Package.Dependency] =
  Context.environment["DESCENT_DOCS"] == nil
  ? [] : [.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0")]

/// `DESCENT_FUZZING=1` offers the readers and their inputs to the package in `Fuzzing`; `Scripts/fuzz.sh` sets it.
let fuzzing: [Product] =
  Context.environment["DESCENT_FUZZING"] == nil ? [] : [.library(name: "FuzzTargets", targets: ["FuzzTargets"])]

let package = Package(
  name: "descent",
  platforms: [.macOS(.v15), .iOS(.v18)],
  products: [
    .library(name: "Descent", targets: ["Descent"]),
    .library(name: "DescentCatalogue", targets: ["DescentCatalogue"]),
    .library(name: "DescentNetworks", targets: ["DescentNetworks"]),
    .library(name: "DescentData", targets: ["DescentData"]),
    .library(name: "DescentProblems", targets: ["DescentProblems"]),
    .library(name: "DescentLab", targets: ["DescentLab"]),
    .library(name: "DescentPapers", targets: ["DescentPapers"]),
    .executable(name: "descent", targets: ["DescentCommand"]),
  ] + fuzzing,
  dependencies: [
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  ] + documentation,
  targets: [
    .target(name: "CLanes", cSettings: strictC),
    .target(
      name: "Descent",
      dependencies: ["CLanes", .product(name: "RealModule", package: "swift-numerics")],
      swiftSettings: strict),
    .target(name: "DescentCatalogue", dependencies: ["Descent"], swiftSettings: strict),
    .systemLibrary(
      name: "OneDNNLibrary", pkgConfig: oneDNNPackageName, providers: [.apt(["libdnnl-dev"]), .brew(["onednn"])]),
    .target(
      name: "COneDNN", dependencies: ["OneDNNLibrary"], cSettings: strictC,
      linkerSettings: [.linkedLibrary("dnnl")]),
    .target(
      name: "DescentNetworks",
      dependencies: ["Descent", "COneDNN", .product(name: "RealModule", package: "swift-numerics")],
      swiftSettings: strict),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .target(name: "DescentData", dependencies: ["Descent", "CZlib"], swiftSettings: strict),
    .target(
      name: "DescentProblems",
      dependencies: ["Descent", .product(name: "RealModule", package: "swift-numerics")],
      swiftSettings: strict),
    .target(
      name: "DescentLab",
      dependencies: [
        "Descent", "DescentCatalogue", "DescentNetworks", "DescentData", "DescentProblems",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"), .product(name: "GRDB", package: "GRDB.swift"),
      ],
      exclude: ["TensorBoard/events.proto"],
      // Compiled into the module as bytes, so that the program needs no folder of resources beside it.
      resources: [.embedInCode("Pages/Scripts")],
      swiftSettings: strict),
    .target(
      name: "DescentPapers",
      dependencies: [
        "Descent", "DescentCatalogue", "DescentNetworks", "DescentData", "DescentProblems", "DescentLab",
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "DescentCommand",
      dependencies: [
        "DescentLab", "DescentPapers", "DescentData", "DescentNetworks",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
    // The examples are targets of this package, not a package beside it: `make test` compiles the modules once for both.
    .executableTarget(
      name: "Rosenbrock", dependencies: ["Descent"], path: "Examples/Rosenbrock", swiftSettings: strict),
    .executableTarget(name: "OwnRule", dependencies: ["Descent"], path: "Examples/OwnRule", swiftSettings: strict),
    .executableTarget(
      name: "LogisticRegression", dependencies: ["Descent"], path: "Examples/LogisticRegression",
      swiftSettings: strict),
    .executableTarget(
      name: "FiniteSum", dependencies: ["Descent"], path: "Examples/FiniteSum", swiftSettings: strict),
    .executableTarget(
      name: "MajorityVote", dependencies: ["Descent"], path: "Examples/MajorityVote", swiftSettings: strict),
    .executableTarget(
      name: "Factorization", dependencies: ["Descent"], path: "Examples/Factorization", swiftSettings: strict),
    .executableTarget(
      name: "DrawnDigits", dependencies: ["Descent", "DescentData", "DescentNetworks"], path: "Examples/DrawnDigits",
      swiftSettings: strict),
    .executableTarget(
      name: "Autoencoder", dependencies: ["Descent", "DescentData", "DescentNetworks"], path: "Examples/Autoencoder",
      swiftSettings: strict),
    .executableTarget(
      name: "Fingerprint", dependencies: ["Descent", "DescentCatalogue"], path: "Examples/Fingerprint",
      swiftSettings: strict),
    .target(
      name: "TestSupport", dependencies: ["Descent", .product(name: "RealModule", package: "swift-numerics")],
      path: "Tests/Support", swiftSettings: strict),
    .target(
      name: "FuzzTargets", dependencies: ["Descent", "DescentCatalogue", "DescentData", "DescentLab", "CZlib"],
      path: "Fuzzing/Targets", swiftSettings: strict),
    .testTarget(name: "FuzzTests", dependencies: ["Descent", "FuzzTargets"], swiftSettings: strict),
    .testTarget(name: "DescentTests", dependencies: ["Descent", "CLanes", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "DescentCatalogueTests",
      dependencies: ["DescentCatalogue", "TestSupport", .product(name: "RealModule", package: "swift-numerics")],
      swiftSettings: strict),
    .testTarget(
      name: "DescentNetworksTests", dependencies: ["DescentNetworks"], exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(
      name: "DescentDataTests", dependencies: ["DescentData", "CZlib", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "DescentProblemsTests",
      dependencies: ["DescentProblems", "TestSupport", .product(name: "RealModule", package: "swift-numerics")],
      swiftSettings: strict),
    .testTarget(
      name: "DescentLabTests",
      dependencies: [
        "DescentLab", "DescentCommand", "TestSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(
      name: "DescentPapersTests", dependencies: ["DescentPapers", "DescentCommand", "TestSupport"],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
