// swift-tools-version: 6.2
import PackageDescription

let sdk = Target.Dependency.product(name: "PluginSDK", package: "@package@")

let package = Package(
  name: "@name@",
  dependencies: [@dependency@],
  targets: [
    .target(name: "@Type@", dependencies: [sdk]),
    .executableTarget(
      name: "@name@-plugin", dependencies: ["@Type@", sdk], path: "Sources/main"),
    .testTarget(
      name: "@Type@Tests",
      dependencies: ["@Type@", sdk, .product(name: "PluginTesting", package: "@package@")]),
  ]
)
