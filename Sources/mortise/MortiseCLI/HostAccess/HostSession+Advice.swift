internal import Model

/// What to try instead of what isn't there.
extension HostSession {
  /// Names that are told where none is near; more are left to `get`.
  private static let namesShown = 5

  /// Runs a call, and adds to its NOT_FOUND what the person may have meant.
  func advising<Value: Sendable>(
    _ reference: ObjectReference, _ body: () async throws(CommandFailure) -> Value
  ) async throws(CommandFailure) -> Value {
    do throws(CommandFailure) {
      return try await body()
    } catch {
      throw await advised(error, about: reference)
    }
  }

  /// The failure, with a suggestion where the host has something that is meant probably.
  ///
  /// Where the host can't be asked any more the failure stays as it is: it is the one that counts.
  func advised(_ failure: CommandFailure, about reference: ObjectReference) async -> CommandFailure
  {
    guard failure.code == .notFound, !reference.kind.isEmpty else { return failure }
    if let list = try? await listAsTold(ObjectSelection(kind: reference.kind)) {
      return CommandFailure(
        failure.code, failure.message + Self.advice(on: reference, among: list.objects))
    }
    let kinds = (try? await kindNames()) ?? []
    // A singular is a kind, too: the host knows them all, this only guesses at typing errors.
    let meant = Spelling.nearest(
      to: reference.kind, among: kinds + kinds.map { String($0.dropLast()) })
    let isOther = meant != nil && meant != reference.kind.lowercased()
    return CommandFailure(
      failure.code,
      failure.message + (isOther ? "; did you mean \(meant ?? "")?" : ".")
        + " See: mortise get blueprints")
  }

  /// What to say after "not found".
  static func advice(on reference: ObjectReference, among objects: [HostObject]) -> String {
    let namespace = reference.namespace.isEmpty ? "default" : reference.namespace
    let elsewhere = objects.filter { $0.name == reference.name }
      .map(\.resource.metadata.namespace).filter { $0 != namespace }
    if let first = elsewhere.first {
      return "; there is one in namespace \(elsewhere.joined(separator: ", ")): -n \(first)"
    }
    let names = objects.filter { $0.resource.metadata.namespace == namespace }.map(\.name)
    let see = "See: mortise get \(reference.kind)"
    guard !names.isEmpty else {
      return "; there is none in that namespace. \(see) -A"
    }
    if let meant = Spelling.nearest(to: reference.name, among: names) {
      return "; did you mean \(meant)? \(see)"
    }
    let shown = names.prefix(Self.namesShown).joined(separator: ", ")
    return "; there are: \(shown)\(names.count > Self.namesShown ? ", …" : ""). \(see)"
  }
}
