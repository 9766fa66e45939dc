// swift-tools-version: 6.2
import PackageDescription

// The peer that comes from the network: built by `make bench` where it can be fetched.
let package = Package(
  name: "grpc-swift-echo",
  dependencies: [
    .package(name: "mortise-benchmarks", path: "../.."),
    .package(url: "https://github.com/grpc/grpc-swift-2.git", from: "2.4.3"),
    .package(url: "https://github.com/grpc/grpc-swift-nio-transport.git", from: "2.9.2"),
  ],
  targets: [
    .executableTarget(
      name: "grpc-swift-echo",
      dependencies: [
        .product(name: "EchoPeer", package: "mortise-benchmarks"),
        .product(name: "GRPCCore", package: "grpc-swift-2"),
        .product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport"),
      ])
  ]
)
