internal import PluginProto

/// One object as the command line names it; the host resolves the kind.
struct ObjectReference: Sendable, Hashable {
  var kind: String
  /// Empty = the host's default.
  var namespace: String
  var name: String

  static let namespaceOption = Option(
    "namespace", short: "n", .text("NS"), "The object's namespace; \"default\" where not given")
  static let kindArgument = Positional(
    "KIND", .required, "Singular or plural, in any case; KIND/NAME is understood, too")
  static let nameArgument = Positional("NAME", .withinPrevious, "The object's name")

  var message: HostV1.ObjectName {
    HostV1.ObjectName(kind: kind, namespace: namespace, name: name)
  }

  /// "statefulnode "redis" in namespace "default"".
  var sentence: String {
    let place = namespace.isEmpty ? "default" : namespace
    return "\(kind) \"\(name)\" in namespace \"\(place)\""
  }

  /// The arguments that name it on another command line.
  var arguments: String {
    "\(kind)/\(name)" + (namespace.isEmpty || namespace == "default" ? "" : " -n \(namespace)")
  }

  /// Reads `KIND NAME` or `KIND/NAME`.
  ///
  /// - Throws: exit code 2 where the name is missing.
  init(_ invocation: Invocation, command: String) throws(CommandFailure) {
    let selection = ObjectSelection(invocation)
    guard !selection.kind.isEmpty, !selection.name.isEmpty else {
      throw CommandFailure(
        .usage, "mortise \(command): the object's name is missing. See: mortise help \(command)")
    }
    self.init(kind: selection.kind, namespace: selection.namespace, name: selection.name)
  }

  init(kind: String, namespace: String, name: String) {
    self.kind = kind
    self.namespace = namespace
    self.name = name
  }
}

/// Objects of a kind, narrowed or not.
struct ObjectSelection: Sendable, Hashable {
  /// Empty = any.
  var kind = ""
  /// Empty = all.
  var namespace = ""
  /// Empty = all.
  var name = ""
  /// Set: only what that object owns; of a watch the watcher has to see to it.
  var ownerUID = ""
  /// Of labels, as the host reads it; empty = all.
  var selector = ""

  init(kind: String, namespace: String = "", name: String = "") {
    self.kind = kind
    self.namespace = namespace
    self.name = name
  }

  init(ownedBy uid: String) {
    ownerUID = uid
  }

  init(_ reference: ObjectReference) {
    kind = reference.kind
    namespace = reference.namespace.isEmpty ? "default" : reference.namespace
    name = reference.name
  }

  /// Reads `KIND [NAME]` or `KIND/NAME`; names of some kinds have slashes of their own.
  init(_ invocation: Invocation) {
    let parts = (invocation.arguments.positional(0) ?? "").split(
      separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    kind = parts.first.map(String.init) ?? ""
    name = parts.count == 2 ? String(parts[1]) : invocation.arguments.positional(1) ?? ""
    namespace = invocation.arguments.value(ObjectReference.namespaceOption) ?? ""
  }

  static let selectorOption = Option(
    "selector", short: "l", .text("SELECTOR"),
    "Only with these labels: app=redis,tier!=cache,zone in (a,b),!draft")
  static let allNamespacesOption = Option(
    flag: "all-namespaces", short: "A", "Of all namespaces")
  static let listedNamespaceOption = Option(
    "namespace", short: "n", .text("NS"), "Of this namespace; \"default\" where not given")

  /// Reads what a command that takes lists was given: `KIND[,KIND…] [NAME…]` or `KIND/NAME…`.
  ///
  /// Without a namespace it is the default one, as for a single object; intents are looked for on
  /// all targets, which stand in place of namespaces there.
  ///
  /// - Throws: exit code 2 where kinds and names are mixed up.
  static func list(_ invocation: Invocation) throws(CommandFailure) -> [ObjectSelection] {
    let words = invocation.arguments.positionals
    var selections: [ObjectSelection] = []
    if words.first?.contains("/") == true {
      for word in words {
        let parts = word.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
          throw CommandFailure(
            .usage,
            "mortise: \"\(word)\" is not KIND/NAME, as the first argument is; either all are, or "
              + "the kind comes first: KIND NAME…")
        }
        selections.append(ObjectSelection(kind: String(parts[0]), name: String(parts[1])))
      }
    } else {
      for kind in words.first?.split(separator: ",").map(String.init) ?? [] {
        let names = words.dropFirst()
        selections +=
          names.isEmpty
          ? [ObjectSelection(kind: kind)] : names.map { ObjectSelection(kind: kind, name: $0) }
      }
    }
    let isEverywhere = invocation.arguments.has(allNamespacesOption)
    for index in selections.indices {
      let isSpread = ["intent", "intents"].contains(selections[index].kind.lowercased())
      let usual = isEverywhere || (isSpread && selections[index].name.isEmpty) ? "" : "default"
      selections[index].selector = invocation.arguments.value(selectorOption) ?? ""
      selections[index].namespace =
        invocation.arguments.value(ObjectReference.namespaceOption) ?? usual
    }
    return selections
  }
}

extension ObjectReference {
  init(_ selection: ObjectSelection) {
    self.init(kind: selection.kind, namespace: selection.namespace, name: selection.name)
  }
}
