import JSON

/// What plugin.yaml's `config` says to the local driver.
struct DriverSettings: Equatable {
  /// Where everything is kept.
  var dataDirectory: String
  /// Searched for images, in this order.
  var imageDirectories: [String]
  /// Variables of the driver's own environment that containers get too.
  var passedEnvironment: [String]

  /// - Parameters:
  ///   - stateDirectory: the plugin's own; the data is kept in `local` in it unless `data` names
  ///     another place.
  ///   - workingDirectory: what relative image directories are relative to; the host starts a
  ///     plugin in the folder of its plugin.yaml.
  init(
    _ config: JSONValue, stateDirectory: String, workingDirectory: String
  ) throws(SpecError) {
    let reader = SpecReader(config.isNull ? [:] : config)
    try reader.members(only: ["data", "images", "passEnvironment"])
    dataDirectory = "\(stateDirectory)/local"
    if let place = reader.member("data") {
      dataDirectory = try place.string()
      guard dataDirectory.hasPrefix("/") else { throw place.problem("must be an absolute path") }
    }
    imageDirectories = []
    for place in try reader.member("images")?.elements() ?? [] {
      let path = try place.string()
      imageDirectories.append(path.hasPrefix("/") ? path : "\(workingDirectory)/\(path)")
    }
    passedEnvironment = []
    for place in try reader.member("passEnvironment")?.elements() ?? [] {
      passedEnvironment.append(try place.string())
    }
  }
}
