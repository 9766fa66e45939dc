internal import JSON
internal import Manifests
internal import Model

/// Whether owners that manifests name are there, and own nothing that owns them.
extension Admission {
  func ownerProblems(_ candidates: [Candidate]) async throws(StoreError) -> [ManifestProblem] {
    let fresh = Dictionary(candidates.map { ($0.resource.key, $0) }) { first, _ in first }
    var problems: [ManifestProblem] = []
    for candidate in candidates {
      let owners = candidate.resource.metadata.ownerReferences
      for (index, owner) in owners.enumerated() {
        if let (member, message) = try await problem(with: owner, of: candidate, fresh) {
          problems.append(
            candidate.document.problem(at: "metadata.ownerReferences[\(index)].\(member)", message))
        }
      }
      if owners.filter(\.controller).count > 1 {
        problems.append(
          candidate.document.problem(
            at: "metadata.ownerReferences", "one owner at most can be the controller"))
      }
      if let cycle = try await cycle(from: candidate, fresh) {
        problems.append(
          candidate.document.problem(
            at: "metadata.ownerReferences",
            "it would own itself: \(cycle.map(\.description).joined(separator: " is owned by "))"))
      }
    }
    return problems
  }

  private func problem(
    with owner: OwnerReference, of candidate: Candidate, _ fresh: [ObjectKey: Candidate]
  ) async throws(StoreError) -> (member: String, message: String)? {
    let key = Self.key(owner, candidate.resource)
    let isTaught = catalog.blueprint(ofKind: owner.kind) != nil
    guard isTaught || fresh.values.contains(where: { $0.blueprint?.resourceKind == owner.kind })
    else {
      return ("kind", "nothing teaches the kind \"\(owner.kind)\", so no object of it can own one")
    }
    guard let stored = try await environment.store.get(key) else {
      guard fresh[key] == nil else {
        return owner.uid.isEmpty
          ? nil : ("uid", "\(key) is not there yet, so it can't have that uid: leave it out")
      }
      let names = try await environment.store.list(
        ObjectFilter(kind: owner.kind, namespace: key.namespace)
      ).objects.map(\.key.name)
      let meant = Spelling.nearest(to: owner.name, among: names).map { "; did you mean \($0)?" }
      return (
        "name",
        "\(key) is not there\(meant ?? ""): apply it first, or with this one"
      )
    }
    let metadata = try decode(stored).metadata
    if metadata.deletionTimestamp != nil { return ("name", "\(key) is being deleted") }
    guard owner.uid.isEmpty || owner.uid == metadata.uid else {
      return (
        "uid",
        "\(key) has the uid \(metadata.uid) now, the one with this uid is gone: leave it out to mean "
          + "the one that is there"
      )
    }
    return nil
  }

  /// The way from the candidate back to itself; nil where there is none.
  private func cycle(from candidate: Candidate, _ fresh: [ObjectKey: Candidate])
    async throws(StoreError) -> [ObjectKey]?
  {
    let start = candidate.resource.key
    var ways = candidate.resource.metadata.ownerReferences.map {
      [start, Self.key($0, candidate.resource)]
    }
    var seen: Set<ObjectKey> = []
    while let way = ways.popLast() {
      guard let key = way.last else { continue }
      if key == start { return way }
      guard seen.insert(key).inserted, let owner = try await resource(key, fresh) else { continue }
      ways += owner.metadata.ownerReferences.map { way + [Self.key($0, owner)] }
    }
    return nil
  }

  /// As it would be after the apply.
  private func resource(_ key: ObjectKey, _ fresh: [ObjectKey: Candidate]) async throws(StoreError)
    -> Resource?
  {
    let stored = try await environment.store.get(key).map { stored throws(StoreError) in
      try decode(stored)
    }
    guard let candidate = fresh[key], candidate.mentionsOwners || stored == nil else {
      return stored
    }
    return candidate.resource
  }

  /// Owner and owned are of one namespace.
  private static func key(_ owner: OwnerReference, _ resource: Resource) -> ObjectKey {
    ObjectKey(kind: owner.kind, namespace: resource.metadata.namespace, name: owner.name)
  }

  /// Owners before what they own, so that each finds its owner's uid when it is written; the rest in
  /// the order of the text.
  static func ownersFirst(_ candidates: [Candidate]) -> [Candidate] {
    let places = Dictionary(
      candidates.enumerated().map { ($1.resource.key, $0) }
    ) { first, _ in first }
    var ordered: [Candidate] = []
    var isEntered = Array(repeating: false, count: candidates.count)
    var isPlaced = isEntered
    for start in candidates.indices {
      var path = [start]
      while let index = path.popLast() {
        if isPlaced[index] { continue }
        if isEntered[index] {
          isPlaced[index] = true
          ordered.append(candidates[index])
          continue
        }
        isEntered[index] = true
        path.append(index)
        let resource = candidates[index].resource
        // Those of a cycle are refused before anything is written.
        for owner in resource.metadata.ownerReferences.reversed() {
          if let place = places[key(owner, resource)], !isEntered[place] { path.append(place) }
        }
      }
    }
    return ordered
  }

  /// The owners with the uids that they have now.
  func owners(_ candidate: Candidate) async throws(StoreError) -> [OwnerReference] {
    var owners = candidate.resource.metadata.ownerReferences
    for index in owners.indices where owners[index].uid.isEmpty {
      let key = Self.key(owners[index], candidate.resource)
      guard let stored = try await environment.store.get(key) else { continue }
      owners[index].uid = try decode(stored).metadata.uid
    }
    return owners
  }
}
