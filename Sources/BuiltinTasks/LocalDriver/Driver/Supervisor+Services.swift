import Glibc
import JSON
import LinuxSystem
import PluginSDK
import TTRPC

/// Services: an address each, and a proxy process that listens on it while there are ready pods.
extension Supervisor {
  func applyService(
    _ name: ObjectName, _ document: JSONValue, generation: UInt64, owner: String
  ) throws -> JSONValue {
    let spec = try ServiceSpec(document)
    var record = try owned(services[name]?.record, kind: "Service", name, owner, document)
    record.spec = document
    record.generation = generation
    let address = try addresses.assignService(name)
    if services[name]?.record != record { try directory.save(record) }
    if services[name] == nil {
      services[name] = SupervisedService(record: record, spec: spec, address: address)
    } else {
      services[name]!.record = record
      services[name]!.spec = spec
    }
    note("Service", name)
    try reconcileService(name)
    try endTurn()
    return services[name]!.observed()
  }

  func reconcileServices(of set: ObjectName) throws {
    for (name, service) in services where service.spec.selector == set {
      try reconcileService(name)
    }
  }

  /// Tells the proxy where the ready pods are, and starts it where it isn't there.
  func reconcileService(_ name: ObjectName) throws {
    guard let service = services[name], !service.record.isRemoving else { return }
    try watchService(name)
    let endpoints = pods(of: service.spec.selector).filter(\.isReady).map {
      Endpoint(address: $0.record.address, port: service.spec.targetPort)
    }
    let state = ProxyState(
      address: service.address, port: service.spec.port, endpoints: endpoints)
    if service.told != state {
      try StoredDocument.write(state.document, to: "\(directory.service(name))/proxy.json")
      services[name]!.told = state
      note("Service", name)
    }
    if service.proxy == nil && !service.isWaiting { try startProxy(name) }
  }

  private func watchService(_ name: ObjectName) throws {
    let folder = directory.service(name)
    guard try FileSystem.status(folder) == nil || !watchedServices.values.contains(name) else {
      return
    }
    try FileSystem.makeDirectories(folder, mode: DataDirectory.mode)
    watchedServices[try serviceChanges.watch(folder, for: .movedTo)] = name
  }

  private func startProxy(_ name: ObjectName) throws {
    let run = services[name]!.record.proxyRuns + 1
    let effect = proxyEffect(services[name]!.record, run: run)
    let folder = directory.service(name)
    let log = try Descriptor.open("\(folder)/proxy.log", O_WRONLY | O_CREAT | O_TRUNC)
    // The same program whatever its file became since: an upgrade may have replaced it.
    let spec = ProcessSpec(
      .path("/proc/self/exe"),
      arguments: ["local-plugin", ServiceProxy.command, "--state", "\(folder)/proxy.json"],
      environment: [:], workingDirectory: "/",
      descriptors: [.init(log, as: STDOUT_FILENO), .init(log, as: STDERR_FILENO)])
    let process = try proxySlot(name).start(spec) {
      try journal.begin(effect)
      services[name]!.record.proxyRuns = run
      services[name]!.status = nil
      try directory.save(services[name]!.record)
    }
    try journal.complete(effect)
    takeProxy(process, of: name)
  }

  func proxySlot(_ name: ObjectName) -> ProcessSlot {
    ProcessSlot(path: "\(directory.service(name))/proxy.lock")
  }

  func proxyEffect(_ record: DesiredRecord, run: Int) -> Effect {
    Effect(
      .proxySpawned, kind: "Service", key: record.name.description, id: "\(record.uid)/\(run)")
  }

  func takeProxy(_ process: SlotProcess, of name: ObjectName) {
    services[name]!.proxy = process
    let started = MonotonicTime.now()
    let (uid, slot) = (services[name]!.record.uid, proxySlot(name))
    loop.spawn {
      _ = await self.end(of: process, in: slot)
      await self.proxyEnded(name, uid, after: MonotonicTime.now().duration(since: started))
    }
  }

  private func proxyEnded(_ name: ObjectName, _ uid: String, after duration: Duration) {
    guard services[name]?.record.uid == uid else { return }
    services[name]!.proxy = nil
    services[name]!.status = nil
    note("Service", name)
    orAbandon {
      if services[name]!.record.isRemoving {
        try finishService(name)
      } else {
        services[name]!.isWaiting = true
        after(services[name]!.backoff.next(afterRunOf: duration)) {
          $0.proxyIsDue(name, uid)
        }
      }
      try endTurn()
    }
  }

  private func proxyIsDue(_ name: ObjectName, _ uid: String) {
    guard services[name]?.record.uid == uid else { return }
    services[name]!.isWaiting = false
    orAbandon {
      try reconcileService(name)
      try endTurn()
    }
  }

  /// Reads what proxies say of themselves, whenever one of them said something.
  func followProxies() async {
    do {
      while true {
        try await loop.waitReadable(serviceChanges.descriptor.number)
        for event in try serviceChanges.events() {
          if event.changes.contains(.watchRemoved) {
            watchedServices[event.watch] = nil
          } else if event.changes.contains(.overflow) {
            for name in services.keys { try readStatus(of: name) }
          } else if let name = watchedServices[event.watch] {
            try readStatus(of: name)
          }
        }
        try endTurn()
      }
    } catch {
      abandon(error)
    }
  }

  func readStatus(of name: ObjectName) throws {
    let path = "\(directory.service(name))/proxy.status.json"
    guard services[name] != nil, try FileSystem.status(path) != nil else { return }
    let status = ProxyStatus(try StoredDocument.read(path))
    guard services[name]!.status != status else { return }
    services[name]!.status = status
    note("Service", name)
  }

  func removeService(_ name: ObjectName, owner: String) async throws {
    guard let service = services[name], service.record.ownerUID == owner else { return }
    if !service.record.isRemoving {
      services[name]!.record.isRemoving = true
      try directory.save(services[name]!.record)
    }
    try stopProxy(name)
    try endTurn()
    guard await waitUntil(Self.goneWait, { services[name] == nil }) else {
      throw DriverFailure.recoverable("StillStopping", "the proxy of service \(name) is stopping")
    }
  }

  func stopProxy(_ name: ObjectName) throws {
    guard let service = services[name] else { return }
    guard let proxy = service.proxy else { return try finishService(name) }
    try journal.begin(proxyStopEffect(service.record))
    // The proxy holds nothing that an orderly end would save: SIGTERM ends it at once.
    try proxy.pidfd.signal(SIGTERM)
  }

  func proxyStopEffect(_ record: DesiredRecord) -> Effect {
    Effect(.proxyStopped, kind: "Service", key: record.name.description, id: record.uid)
  }

  /// The proxy is gone: what is left of the service goes too.
  private func finishService(_ name: ObjectName) throws {
    let record = services[name]!.record
    if let watch = watchedServices.first(where: { $0.value == name })?.key {
      watchedServices[watch] = nil
      serviceChanges.unwatch(watch)
    }
    // Without its folder the stop is done and logged: the last driver died right behind it.
    if try FileSystem.status(directory.service(name)) != nil {
      try journal.begin(proxyStopEffect(record))
      try directory.discard(directory.service(name), id: record.uid)
      try journal.complete(proxyStopEffect(record))
    }
    try addresses.releaseService(name)
    try directory.delete(record)
    services[name] = nil
    note("Service", name)
  }
}
