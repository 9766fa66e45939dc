import GroupKeys

/// What `mortise-device` was asked.
struct DeviceCommandLine {
  enum Verb: String {
    case run
    case set
    case show
    case check
  }

  /// Why the arguments make no sense.
  struct Mistake: Error, CustomStringConvertible {
    var description: String
  }

  let verb: Verb
  let place: FleetPlace
  let names: [String]
  /// In the order of the arguments.
  private let changes: [(inout DeviceSettings) -> Void]

  init(_ arguments: [String]) throws(Mistake) {
    guard let first = arguments.first else { throw Mistake(description: "a verb is missing") }
    guard let verb = Verb(rawValue: first) else {
      throw Mistake(description: "there is no verb \"\(first)\"")
    }
    var rest = arguments.dropFirst()
    var fleet: String?
    var names: [String] = []
    var changes: [(inout DeviceSettings) -> Void] = []
    while let argument = rest.popFirst() {
      if argument == "--fleet" {
        fleet = try Self.value(of: argument, &rest)
      } else if verb == .set, argument.hasPrefix("--") {
        changes.append(try Self.change(argument, &rest))
      } else if GroupName.isValid(argument) {
        names.append(argument)
      } else {
        throw Mistake(
          description: "\"\(argument)\" is neither an option of \(first) nor a device's name")
      }
    }
    guard let fleet else { throw Mistake(description: "--fleet DIR is missing") }
    if names.isEmpty, verb == .run || verb == .set {
      throw Mistake(description: "\(first) needs the name of a device")
    }
    self.verb = verb
    place = FleetPlace(fleet)
    self.names = names
    self.changes = changes
  }

  /// Makes the changes that were asked for.
  func change(_ settings: inout DeviceSettings) {
    for change in changes { change(&settings) }
  }

  private static func value(
    of option: String, _ rest: inout ArraySlice<String>
  ) throws(Mistake) -> String {
    guard let value = rest.popFirst() else {
      throw Mistake(description: "\(option) needs a value")
    }
    return value
  }

  private static func change(
    _ option: String, _ rest: inout ArraySlice<String>
  ) throws(Mistake) -> (inout DeviceSettings) -> Void {
    switch option {
    case "--offline": return { $0.isOnline = false }
    case "--online": return { $0.isOnline = true }
    case "--skew":
      let text = try value(of: option, &rest)
      guard let seconds = Double(text), seconds.magnitude <= skewSecondsMax else {
        throw Mistake(description: "--skew takes seconds, as 3600 or -0.5, not \"\(text)\"")
      }
      return { $0.skewMicroseconds = Int64(seconds * 1e6) }
    case "--key-sets":
      let count = try count(of: option, &rest)
      return { $0.capacity.keySets = count }
    case "--groups":
      let count = try count(of: option, &rest)
      return { $0.capacity.groups = count }
    case "--members":
      let count = try count(of: option, &rest)
      return { $0.capacity.members = count }
    default:
      throw Mistake(description: "there is no option \"\(option)\"")
    }
  }

  /// A hundred years.
  private static let skewSecondsMax = 3.2e9

  private static func count(
    of option: String, _ rest: inout ArraySlice<String>
  ) throws(Mistake) -> Int {
    let text = try value(of: option, &rest)
    guard let count = Int(text), (0...65_535).contains(count) else {
      throw Mistake(description: "\(option) takes 0 to 65535, not \"\(text)\"")
    }
    return count
  }
}
