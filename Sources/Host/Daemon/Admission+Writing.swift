internal import JSON
internal import Model
internal import Planning
internal import PluginProto

extension Admission {
  /// Creates or changes one object; what is as asked already is left alone.
  func write(_ candidate: Candidate, isDryRun: Bool) async throws(StoreError) -> HostV1.Applied {
    while true {
      do {
        return try await tryWrite(candidate, isDryRun: isDryRun)
      } catch {
        switch error {
        case .conflict, .alreadyExists, .notFound: continue
        case .compacted, .refused, .unavailable: throw error
        }
      }
    }
  }

  private func tryWrite(_ candidate: Candidate, isDryRun: Bool) async throws(StoreError)
    -> HostV1.Applied
  {
    let (resource, action) = try await outcome(of: candidate)
    if !isDryRun {
      let before = candidate.blueprint == nil ? nil : try await taughtKind(resource.key)
      switch action {
      case .create: _ = try await environment.store.create(resource.stored)
      case .configure: _ = try await environment.store.update(resource.stored)
      case .unchanged: break
      }
      if let before, before != candidate.blueprint?.resourceKind { catalog.remove(kind: before) }
      if action != .unchanged { try await took(resource, candidate.blueprint) }
    }
    return applied(resource, action)
  }

  /// The object as it would be stored, and whether that is a change.
  func outcome(of candidate: Candidate) async throws(StoreError) -> (
    Resource, ResourcePreview.Action
  ) {
    let wanted = candidate.resource
    guard let stored = try await environment.store.get(wanted.key) else {
      var fresh = wanted
      fresh.metadata.uid = environment.ids.next()
      fresh.metadata.creationTimestamp = environment.time.now()
      fresh.metadata.ownerReferences = try await owners(candidate)
      return (fresh, .create)
    }
    var present = try decode(stored)
    if present.metadata.deletionTimestamp != nil {
      throw .unavailable(
        "\(wanted.key) is being deleted; apply it again when it is gone "
          + "(mortise wait \(wanted.kind) \(wanted.metadata.name) --for=delete)")
    }
    try refuseOtherKind(wanted, than: present)
    var spec = wanted.spec
    // Whoever paused it by hand decides when it goes on, not the next apply of a file.
    if !candidate.mentionsPaused, let paused = present.spec["paused"], var object = spec.object {
      object["paused"] = paused
      spec = .object(object)
    }
    if present.isTaskRun {
      if spec["run"] == nil, let run = present.spec["run"], var object = spec.object {
        object["run"] = run
        spec = .object(object)
      }
      if let problem = TaskRunPlanner.problem(replacing: present, with: spec) {
        throw .unavailable("\(wanted.key): \(problem)")
      }
    }
    let isSame = present.spec == spec
    let owners =
      candidate.mentionsOwners ? try await owners(candidate) : present.metadata.ownerReferences
    if isSame, owners == present.metadata.ownerReferences,
      sameNotes(present.metadata, wanted.metadata)
    {
      return (present, .unchanged)
    }
    present.metadata.ownerReferences = owners
    if !isSame { present.metadata.generation += 1 }
    present.spec = spec
    present.metadata.labels = wanted.metadata.labels
    for annotation in wanted.metadata.annotations {
      present.metadata.annotations.removeAll { $0.name == annotation.name }
      present.metadata.annotations.append(annotation)
    }
    return (present, .configure)
  }

  /// Makes what was written take effect.
  private func took(_ resource: Resource, _ blueprint: Blueprint?) async throws(StoreError) {
    guard let blueprint else {
      wake(resource.key)
      return
    }
    catalog.set(blueprint)
    let affected = try await environment.store.list(ObjectFilter(kind: blueprint.resourceKind))
    for object in affected.objects { wake(object.key) }
  }

  private func sameNotes(_ present: ObjectMeta, _ wanted: ObjectMeta) -> Bool {
    present.labels.elementsEqual(wanted.labels) { $0 == $1 }
      && wanted.annotations.allSatisfy { annotation in
        present.annotations.contains { $0 == annotation }
      }
  }

  func decode(_ stored: StoredObject) throws(StoreError) -> Resource {
    do {
      return try Resource(stored)
    } catch {
      throw .unavailable("\(stored.key) in the store can't be read: \(error)")
    }
  }

  private func applied(_ resource: Resource, _ action: ResourcePreview.Action) -> HostV1.Applied {
    var applied = HostV1.Applied()
    applied.name = HostV1.ObjectName(resource.key)
    applied.action =
      switch action {
      case .create: .created
      case .configure: .configured
      case .unchanged: .unchanged
      }
    applied.generation = UInt64(clamping: resource.metadata.generation)
    return applied
  }
}

extension HostV1.ObjectName {
  init(_ key: ObjectKey) {
    self.init()
    kind = key.kind
    namespace = key.namespace
    name = key.name
  }
}
