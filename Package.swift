// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("InferIsolatedConformances"),
]

/// A C library of the system, found by pkg-config.
func system(_ name: String, in folder: String, pkgConfig: String, apt: String) -> Target {
  .systemLibrary(
    name: name, path: "Sources/\(folder)/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

func module(_ name: String, in folder: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/\(folder)/\(name)",
    swiftSettings: strict)
}

func program(
  _ name: String, at path: String, _ dependencies: [Target.Dependency], data: [String] = []
) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies, path: path, exclude: data, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: strict)
}

let package = Package(
  name: "mortise",
  products: [
    .library(
      name: "PluginSDK", targets: ["PluginSDK", "TTRPC", "PluginProto", "LinuxSystem", "JSON"]),
    .library(name: "PluginTesting", targets: ["PluginTesting"]),
    .library(name: "ConformanceKit", targets: ["ConformanceKit"]),
    .executable(name: "mortise", targets: ["mortise"]),
    .executable(name: "workload-plugin", targets: ["workload-plugin"]),
    .executable(name: "sidecar-plugin", targets: ["sidecar-plugin"]),
    .executable(name: "local-plugin", targets: ["local-plugin"]),
    .executable(name: "sidecar-agent", targets: ["sidecar-agent"]),
    .executable(name: "devices-plugin", targets: ["devices-plugin"]),
    .executable(name: "groups-plugin", targets: ["groups-plugin"]),
    .executable(name: "mortise-device", targets: ["mortise-device"]),
  ],
  targets: [
    // PluginSDK: all that a plugin needs. Never imports Host.
    .target(name: "CLinux", path: "Sources/PluginSDK/CLinux"),
    system("CProtobufC", in: "PluginSDK", pkgConfig: "libprotobuf-c", apt: "libprotobuf-c-dev"),
    .target(
      name: "CPluginProto", dependencies: ["CProtobufC"], path: "Sources/PluginSDK/CPluginProto"),
    module("LinuxSystem", in: "PluginSDK", ["CLinux"]),
    module("JSON", in: "PluginSDK"),
    module("PluginProto", in: "PluginSDK", ["CPluginProto", "CProtobufC"]),
    module("TTRPC", in: "PluginSDK", ["LinuxSystem", "PluginProto"]),
    module("PluginSDK", in: "PluginSDK", ["TTRPC", "PluginProto", "LinuxSystem", "JSON"]),
    // What an author's unit tests need: the SDK in the test's own process, on a clock of its own.
    module(
      "PluginTesting", in: "PluginSDK",
      ["PluginSDK", "TTRPC", "PluginProto", "LinuxSystem", "JSON"]
    ),
    // What tests a plugin from outside, in whatever language it is written.
    .target(
      name: "ConformanceKit", dependencies: ["TTRPC", "PluginProto", "LinuxSystem", "JSON"],
      path: "Sources/ConformanceKit", swiftSettings: strict),

    // Host: the daemon. Model and Planning are pure; Execution, Convergence and Rollout are pure machines.
    system("CSQLite", in: "Host", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
    system("CYAML", in: "Host", pkgConfig: "yaml-0.1", apt: "libyaml-dev"),
    system("CDigest", in: "Host", pkgConfig: "nettle", apt: "nettle-dev"),
    module("Diagnostics", in: "Host", ["JSON", "LinuxSystem"]),
    module("Model", in: "Host", ["JSON", "CDigest"]),
    module("Manifests", in: "Host", ["Model", "JSON", "CYAML"]),
    module("Planning", in: "Host", ["Model", "JSON"]),
    module("Execution", in: "Host", ["Model", "JSON"]),
    module("Convergence", in: "Host", ["Model", "JSON"]),
    module("Rollout", in: "Host", ["Model", "JSON"]),
    module("Storage", in: "Host", ["Model", "JSON", "LinuxSystem", "Diagnostics", "CSQLite"]),
    module(
      "PluginSupervision", in: "Host",
      ["Model", "Manifests", "Diagnostics", "JSON", "TTRPC", "PluginProto", "LinuxSystem"]),
    module(
      "Daemon", in: "Host",
      [
        "Model", "Manifests", "Planning", "Execution", "Convergence", "Rollout", "Storage",
        "PluginSupervision", "Diagnostics", "JSON", "TTRPC", "PluginProto", "LinuxSystem",
      ]),

    // The command line: the program is main.swift alone, so that tests reach the rest.
    module(
      "MortiseCLI", in: "mortise",
      [
        "Daemon", "Diagnostics", "Manifests", "Model", "Rollout", "TTRPC", "PluginProto", "JSON",
        "LinuxSystem", "ConformanceKit", "PluginSupervision",
      ]),
    program("mortise", at: "Sources/mortise/main", ["MortiseCLI"]),

    // BuiltinTasks: what ships, written against the SDK alone.
    system(
      "CMicroHTTPD", in: "BuiltinTasks", pkgConfig: "libmicrohttpd", apt: "libmicrohttpd-dev"),
    system("CCurl", in: "BuiltinTasks", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
    module("Workload", in: "BuiltinTasks", ["PluginSDK", "JSON"]),
    module("Sidecar", in: "BuiltinTasks", ["PluginSDK", "JSON", "CCurl"]),
    module("SidecarAgent", in: "BuiltinTasks", ["LinuxSystem", "JSON", "CMicroHTTPD"]),
    module("LocalDriver", in: "BuiltinTasks", ["PluginSDK", "TTRPC", "LinuxSystem", "JSON"]),
    module("GroupKeys", in: "BuiltinTasks", ["JSON"]),
    module("Devices", in: "BuiltinTasks", ["GroupKeys", "TTRPC", "LinuxSystem", "JSON"]),
    module(
      "DeviceDriver", in: "BuiltinTasks",
      ["Devices", "GroupKeys", "PluginSDK", "TTRPC", "LinuxSystem", "JSON"]),
    module("Groups", in: "BuiltinTasks", ["GroupKeys", "PluginSDK", "JSON"]),
    program(
      "workload-plugin", at: "plugins/workload", ["Workload", "PluginSDK"],
      data: ["plugin.yaml", "blueprints"]),
    program(
      "sidecar-plugin", at: "plugins/sidecar", ["Sidecar", "PluginSDK"], data: ["plugin.yaml"]),
    program(
      "local-plugin", at: "plugins/local", ["LocalDriver", "PluginSDK"], data: ["plugin.yaml"]),
    program(
      "devices-plugin", at: "plugins/devices", ["DeviceDriver", "PluginSDK"], data: ["plugin.yaml"]),
    program("groups-plugin", at: "plugins/groups", ["Groups", "PluginSDK"], data: ["plugin.yaml"]),
    program("mortise-device", at: "plugins/mortise-device", ["Devices"]),
    .executableTarget(
      name: "sidecar-agent", dependencies: ["SidecarAgent"], path: "plugins/sidecar-agent",
      swiftSettings: strict),
    tests(
      "SidecarTests",
      [
        "Sidecar", "SidecarAgent", "sidecar-agent", "PluginSDK", "Model", "LinuxSystem", "JSON",
        "TestPlaces",
      ]),
    tests(
      "WorkloadTests",
      [
        "Workload", "Sidecar", "LocalDriver", "PluginSDK", "Planning", "Model", "Manifests",
        "LinuxSystem", "JSON",
      ]),

    tests("GroupKeysTests", ["GroupKeys", "Groups", "PluginSDK", "JSON", "SeededRandom"]),
    tests(
      "DevicesTests",
      [
        "DeviceDriver", "Devices", "GroupKeys", "PluginSDK", "TTRPC", "LinuxSystem", "JSON",
        "mortise-device", "TestPlaces",
      ]),

    tests("JSONTests", ["JSON"]),
    tests("PluginProtoTests", ["PluginProto", "LinuxSystem", "SeededRandom"]),
    // The example of docs/plugin-authors.md, which is tested as a process too.
    program(
      "files-plugin", at: "examples/files-plugin", ["PluginSDK", "LinuxSystem"],
      data: ["plugin.yaml"]),
    tests(
      "PluginSDKTests",
      ["PluginSDK", "TTRPC", "PluginProto", "LinuxSystem", "JSON", "files-plugin", "TestPlaces"]),
    tests(
      "PluginSupervisionTests",
      [
        "PluginSupervision", "Manifests", "Diagnostics", "JSON", "TTRPC", "PluginProto",
        "LinuxSystem", "SeededRandom", "supervision-test-program", "files-plugin", "TestPlaces",
      ]),
    program(
      "supervision-test-program", at: "Tests/SupervisionTestProgram",
      ["PluginSupervision", "Diagnostics", "TTRPC", "PluginProto", "LinuxSystem"]),

    // The conformance kit, and a plugin that breaks any one rule.
    .target(name: "SwitchboardDefects", path: "Tests/SwitchboardDefects", swiftSettings: strict),
    program(
      "switchboard-plugin", at: "Tests/SwitchboardPlugin",
      [
        "SwitchboardDefects", "ConformanceKit", "PluginSDK", "TTRPC", "PluginProto", "LinuxSystem",
        "JSON",
      ]),
    tests(
      "ConformanceKitTests",
      [
        "ConformanceKit", "SwitchboardDefects", "switchboard-plugin", "files-plugin",
        "local-plugin", "workload-plugin", "sidecar-plugin", "groups-plugin", "devices-plugin",
        "mortise-device", "Devices", "TTRPC", "LinuxSystem", "JSON", "TestPlaces",
      ]),
    tests("PluginTestingTests", ["PluginTesting", "PluginSDK", "JSON"]),

    .target(name: "SeededRandom", path: "Tests/SeededRandom", swiftSettings: strict),
    .target(
      name: "TestPlaces", dependencies: ["LinuxSystem"], path: "Tests/TestPlaces",
      swiftSettings: strict),
    tests("ModelTests", ["Model", "JSON", "SeededRandom"]),
    tests("PlanningTests", ["Planning", "Execution", "Manifests", "Model", "JSON", "LinuxSystem"]),
    tests("ExecutionTests", ["Execution", "Model", "JSON", "SeededRandom"]),
    tests("ConvergenceTests", ["Convergence", "Model", "JSON"]),
    tests("RolloutTests", ["Rollout", "Model", "JSON", "SeededRandom"]),
    tests(
      "DaemonTests",
      [
        "Daemon", "Convergence", "Storage", "Model", "Diagnostics", "JSON", "TTRPC", "PluginProto",
        "PluginSupervision", "LinuxSystem", "SeededRandom", "Execution", "Rollout",
      ]),
    tests("TidyTests", ["LinuxSystem"]),
    tests("SchemaTests", ["Model", "JSON"]),
    tests("ManifestsTests", ["Manifests", "Model", "JSON", "SeededRandom"]),
    tests("DiagnosticsTests", ["Diagnostics", "JSON"]),
    tests(
      "StorageTests",
      ["Storage", "store-crash-writer", "Model", "Diagnostics", "LinuxSystem", "TestPlaces"]),
    .executableTarget(
      name: "store-crash-writer", dependencies: ["Storage", "Model", "Diagnostics"],
      path: "Tests/StoreCrashWriter", swiftSettings: strict),
    tests(
      "LocalDriverTests",
      ["LocalDriver", "PluginSDK", "PluginProto", "TTRPC", "LinuxSystem", "JSON", "TestPlaces"]),
    tests("LinuxSystemTests", ["LinuxSystem", "TestPlaces"]),
    .target(name: "CCallCounter", path: "Tests/CCallCounter"),
    tests("TTRPCTests", ["TTRPC", "PluginProto", "LinuxSystem", "CCallCounter"]),
    tests(
      "CommandLineTests",
      [
        "MortiseCLI", "mortise", "Daemon", "Diagnostics", "Manifests", "Model", "Rollout", "JSON",
        "TTRPC", "PluginProto", "LinuxSystem", "files-plugin", "TestPlaces", "SeededRandom",
      ]),

    // All processes together, as they are installed.
    tests(
      "EndToEndTests",
      [
        "TTRPC", "PluginProto", "LinuxSystem", "JSON", "mortise", "local-plugin",
        "workload-plugin", "sidecar-plugin", "sidecar-agent", "recording-plugin", "files-plugin",
        "Devices", "GroupKeys", "SeededRandom", "devices-plugin", "groups-plugin",
        "mortise-device", "supervision-test-program", "TestPlaces",
      ]),
    program(
      "recording-plugin", at: "Tests/RecordingPlugin",
      ["TTRPC", "PluginProto", "LinuxSystem", "JSON"]),
  ]
)
