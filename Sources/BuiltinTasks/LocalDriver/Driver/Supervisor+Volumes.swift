import JSON
import LinuxSystem
import PluginSDK

/// PersistentVolumeClaims: made, adopted, given back.
extension Supervisor {
  func applyVolume(_ name: ObjectName, _ document: JSONValue, owner: String) throws -> JSONValue {
    let spec = try VolumeClaimSpec(document)
    guard let present = try volumes.owner(of: name) else {
      let volume = VolumeStore.Owner(
        claim: name, ownerUID: owner, volumeUID: try Self.makeUID(),
        capacityBytes: spec.capacityBytes, importPath: spec.importPath)
      try make(volume)
      note("PersistentVolumeClaim", name)
      // A set may have waited for this claim.
      for set in sets.keys { noteSet(set) }
      try endTurn()
      return observed(volume)
    }
    guard present.ownerUID == owner else {
      throw DriverFailure.final(
        "OwnedByAnother",
        "\(directory.volume(name)) belongs to the resource with uid \(present.ownerUID); delete "
          + "that first, or use another name")
    }
    guard present.importPath == spec.importPath else {
      throw DriverFailure.final(
        "ImportIsFixed",
        "spec.import can't change from \(present.importPath ?? "none") while the claim \(name) "
          + "exists")
    }
    guard try FileSystem.status(volumes.path(of: present))?.kind == .directory else {
      throw DriverFailure.final(
        "VolumeLost",
        "\(volumes.path(of: present)) of claim \(name) is gone: restore it, or delete the claim")
    }
    return observed(try resize(present, to: spec.capacityBytes))
  }

  private func make(_ volume: VolumeStore.Owner) throws {
    try checkNothingUnownedIsInTheWay(of: volume.claim)
    let isImport = volume.importPath != nil
    if let path = volume.importPath { try checkImport(path) }
    try checkCapacity(
      volume.capacityBytes, at: volume.importPath ?? directory.root, for: volume.claim)
    let effect = Effect(
      isImport ? .volumeImported : .volumeCreated, kind: "PersistentVolumeClaim",
      key: volume.claim.description, id: volume.volumeUID)
    try journal.perform(effect) {
      if let path = volume.importPath { try volumes.markImport(volume, at: path) }
      try volumes.create(volume)
    }
  }

  private func checkNothingUnownedIsInTheWay(of claim: ObjectName) throws {
    guard try FileSystem.status(directory.volume(claim)) != nil else { return }
    throw DriverFailure.final(
      "NotOurs",
      "\(directory.volume(claim)) exists and says of no owner: move it away, or move it out of "
        + "the driver's directory and import it by spec.import")
  }

  private func checkImport(_ path: String) throws {
    let status = try FileSystem.status(path)
    guard status?.kind == .directory else {
      throw DriverFailure.final(
        "ImportInvalid",
        "spec.import \(path) \(status == nil ? "doesn't exist" : "is no directory")")
    }
    guard path != directory.root, !path.hasPrefix("\(directory.root)/"),
      !directory.root.hasPrefix("\(path)/")
    else {
      throw DriverFailure.final(
        "ImportInvalid", "spec.import \(path) overlaps the driver's own \(directory.root)")
    }
  }

  private func checkCapacity(_ bytes: Int64, at path: String, for claim: ObjectName) throws {
    let available = try volumes.availableBytes(at: path)
    guard available >= bytes else {
      throw DriverFailure.recoverable(
        "InsufficientCapacity",
        "claim \(claim) asks for \(bytes) bytes and \(path) has room for \(available): free some "
          + "space or ask for less")
    }
  }

  private func resize(
    _ volume: VolumeStore.Owner, to bytes: Int64
  ) throws -> VolumeStore.Owner {
    guard bytes != volume.capacityBytes else { return volume }
    guard bytes > volume.capacityBytes else {
      throw DriverFailure.final(
        "ShrinkRefused",
        "spec.storage of claim \(volume.claim) can't shrink from \(volume.capacityBytes) to "
          + "\(bytes) bytes")
    }
    try checkCapacity(
      bytes - volume.capacityBytes, at: volumes.path(of: volume), for: volume.claim)
    var resized = volume
    resized.capacityBytes = bytes
    try volumes.update(resized)
    note("PersistentVolumeClaim", volume.claim)
    try endTurn()
    return resized
  }

  func removeVolume(_ name: ObjectName, owner: String) throws {
    guard let volume = try volumes.owner(of: name), volume.ownerUID == owner else { return }
    if let pod = pods.values.first(where: { $0.record.volumes.contains { $0.claim == name } }) {
      throw DriverFailure.recoverable(
        "ClaimInUse", "claim \(name) is used by pod \(pod.record.name)")
    }
    let effect = Effect(
      volume.importPath == nil ? .volumeRemoved : .volumeReleased,
      kind: "PersistentVolumeClaim", key: name.description, id: volume.volumeUID)
    try journal.perform(effect) { try volumes.remove(volume) }
    note("PersistentVolumeClaim", name)
    try endTurn()
  }

  func verifyVolume(
    _ name: ObjectName, _ document: JSONValue, owner: String
  ) throws -> Verification {
    guard let volume = try volumes.owner(of: name), volume.ownerUID == owner else {
      return Verification(.absent)
    }
    let spec = try VolumeClaimSpec(document)
    let isThere = try FileSystem.status(volumes.path(of: volume))?.kind == .directory
    let matches =
      isThere && spec.capacityBytes == volume.capacityBytes
      && spec.importPath == volume.importPath
    return Verification(matches ? .matches : .drifted, observed: observed(volume))
  }

  private func observed(_ volume: VolumeStore.Owner) -> JSONValue {
    [
      "phase": "Bound", "path": .string(volumes.path(of: volume)),
      "capacityBytes": .integer(volume.capacityBytes),
      "imported": .bool(volume.importPath != nil),
    ]
  }
}
