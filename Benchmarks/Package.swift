// swift-tools-version: 6.2
import PackageDescription

// Measures what the main package ships, beside its peers. Nothing here is shipped; the peer that
// needs Swift packages from the network is a package of its own, Peers/grpc-swift.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]
let sdk = Target.Dependency.product(name: "PluginSDK", package: "mortise")

let package = Package(
  name: "mortise-benchmarks",
  products: [.library(name: "EchoPeer", targets: ["EchoPeer"])],
  dependencies: [.package(name: "mortise", path: "..")],
  targets: [
    // What all echo programs in Swift share: how they are asked, and how they answer.
    .target(name: "EchoPeer", swiftSettings: strict),
    .executableTarget(
      name: "mortise-echo", dependencies: ["EchoPeer", sdk], swiftSettings: strict),
    .executableTarget(name: "raw-echo", cSettings: [.unsafeFlags(["-O2", "-Wall", "-Werror"])]),
    // Task types and the driver that plans of the engine's measurements consist of.
    .executableTarget(name: "bench-plugin", dependencies: [sdk], swiftSettings: strict),
    .executableTarget(name: "bench-driver", dependencies: [sdk], swiftSettings: strict),
    .executableTarget(name: "bench-racks", dependencies: [sdk], swiftSettings: strict),
    .executableTarget(name: "bench", dependencies: [sdk], swiftSettings: strict),
  ]
)
