// swift-tools-version: 6.2
import PackageDescription

/// The package of benchmarks counts memory allocations by way of libraries of its own, which `DESCENT_COUNT_MALLOC=1` takes
/// in; without it the counts are zero.
let counting: Set<Package.Dependency.Trait> = Context.environment["DESCENT_COUNT_MALLOC"] == nil ? [] : [.defaults]

let package = Package(
  name: "Benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "descent", path: ".."),
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: counting),
  ],
  targets: [
    .executableTarget(
      name: "Parts",
      dependencies: [
        .product(name: "Descent", package: "descent"),
        .product(name: "DescentData", package: "descent"),
        .product(name: "DescentNetworks", package: "descent"),
        .product(name: "Benchmark", package: "benchmark"),
      ],
      path: "Benchmarks/Parts",
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
  ],
  swiftLanguageModes: [.v6]
)
