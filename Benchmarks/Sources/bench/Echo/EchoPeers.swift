import Glibc

/// An echo program beside others; see EchoCommand.swift for how it is talked to.
struct EchoPeer {
  /// How its first answer is asked for where the program is only started.
  enum Wire {
    case frames
    case grpc
  }

  var name: String
  var path: String
  var arguments: [String] = []
  var wire = Wire.frames
  /// Share of the calls that it is given, so that a slow one doesn't take all of the time.
  var share = 1.0

  static let raw = "raw C, blocking"
  static let rawBatched = "raw C, all frames of a read in one write"
  static let ours = "mortise"

  /// Those that were built.
  static func all(in programs: String) -> (present: [EchoPeer], missing: [String]) {
    let peers = [
      EchoPeer(name: raw, path: "\(programs)/raw-echo"),
      EchoPeer(name: rawBatched, path: "\(programs)/raw-echo", arguments: ["batched"]),
      EchoPeer(name: ours, path: "\(programs)/mortise-echo"),
      EchoPeer(name: "ttrpc Go", path: "\(programs)/ttrpc-go", share: 0.5),
      EchoPeer(
        name: "grpc-swift-2", path: "\(programs)/grpc-swift-echo", wire: .grpc, share: 0.05),
    ]
    let isBuilt = { (peer: EchoPeer) in access(peer.path, X_OK) == 0 }
    return (peers.filter(isBuilt), peers.filter { !isBuilt($0) }.map(\.name))
  }
}

/// What is called, and where the two programs run.
struct EchoScenario: Sendable {
  var id: String
  var title: String
  var calls: Int
  var bytes: Int
  var inFlight = 1
  var place = Program.Place.anywhere
  var peers: @Sendable (String) -> Bool = { $0 != EchoPeer.rawBatched }

  static let sameProcessor = EchoScenario(
    id: "same-cpu", title: "Both processes on one processor, 100 bytes", calls: 40_000, bytes: 100,
    place: .processor(0))
  static let anywhere = EchoScenario(
    id: "unpinned", title: "Wherever the scheduler puts them, 100 bytes", calls: 20_000, bytes: 100)
  static let crowd = EchoScenario(
    id: "in-flight-64", title: "64 calls in flight, 100 bytes", calls: 200_000, bytes: 100,
    inFlight: 64, peers: { _ in true })
  static let long = EchoScenario(
    id: "64-kib", title: "Both processes on one processor, 64 KiB", calls: 6_000, bytes: 64 << 10,
    place: .processor(0))
}
