import LinuxSystem

/// What a container runs, with everything filled in. Pure.
struct ContainerCommand: Equatable {
  /// Where programs that name no directory are looked for.
  static let searchPath = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"

  var executable: String
  var arguments: [String]
  var environment: [String: String]
  var workingDirectory: String

  /// - Parameters:
  ///   - shared: the directory that the pod's containers share.
  ///   - image: the executable that the container's image means.
  init(_ container: ContainerSpec, of pod: PodRecord, shared: String, image: String) {
    var environment = [
      "PATH": Self.searchPath, "POD_NAME": pod.name.name, "POD_NAMESPACE": pod.name.namespace,
      "POD_IP": pod.address, "POD_UID": pod.uid, "POD_REVISION": pod.revision,
      "CONTAINER_NAME": container.name, "SHARED_DIR": shared,
    ]
    for volume in pod.volumes { environment[Self.variable(ofVolume: volume.name)] = volume.path }
    for variable in container.environment {
      environment[variable.name] = Self.expand(variable.value, environment)
    }
    self.environment = environment
    let command = container.command.map { Self.expand($0, environment) }
    executable = command.first ?? image
    arguments =
      (command.isEmpty ? [image] : command)
      + container.arguments.map { Self.expand($0, environment) }
    workingDirectory = pod.volumes.first?.path ?? shared
  }

  /// `data` is `DATA_DIR`.
  static func variable(ofVolume name: String) -> String {
    let letters = name.uppercased().map { $0.isLetter || $0.isNumber ? $0 : "_" }
    return String(letters) + "_DIR"
  }

  /// Kubernetes' rules: `$(NAME)` is the variable's value, or stays where there is none; `$$` is a
  /// dollar, so that `$$(NAME)` says `$(NAME)`.
  static func expand(_ text: String, _ variables: [String: String]) -> String {
    var result = ""
    var rest = Substring(text)
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      rest = rest[rest.index(after: dollar)...]
      if rest.first == "$" {
        result += "$"
        rest = rest.dropFirst()
      } else if rest.first == "(", let close = rest.firstIndex(of: ")") {
        let name = String(rest[rest.index(after: rest.startIndex)..<close])
        result += variables[name] ?? "$(\(name))"
        rest = rest[rest.index(after: close)...]
      } else {
        result += "$"
      }
    }
    return result + rest
  }
}
