import TTRPC

extension Supervisor {
  /// Asks every container of the sets' pods that can be asked whether it is started and ready.
  ///
  /// The probes' rhythm is for noticing; who verifies wants to know what holds now, such as right
  /// after a sidecar was marked ready.
  func look(at sets: [ObjectName]) async {
    for look in await answers(of: .startup, in: sets) where look.passed {
      feed(
        .probed(container: look.container, run: look.run, kind: .startup, passed: true),
        to: look.pod, uid: look.uid)
    }
    for look in await answers(of: .readiness, in: sets) {
      feed(
        .looked(container: look.container, run: look.run, passed: look.passed), to: look.pod,
        uid: look.uid)
    }
  }

  private struct Look: Sendable {
    var pod: ObjectName
    var uid: String
    var container: Int
    var run: Int
    var passed: Bool
  }

  /// Asks all containers whose next question is of this kind, at once.
  private func answers(of kind: PodMachine.ProbeKind, in sets: [ObjectName]) async -> [Look] {
    let loop = loop
    return await withTaskGroup(of: Look.self) { group in
      for pod in sets.flatMap(pods) {
        let address = pod.record.address
        for index in pod.machine.containers.indices {
          guard let probe = pod.machine.question(of: index, kind) else { continue }
          let look = Look(
            pod: pod.record.name, uid: pod.record.uid, container: index,
            run: pod.machine.containers[index].run, passed: false)
          group.addTask {
            var look = look
            look.passed = await Probe.ask(probe, at: address, on: loop)
            return look
          }
        }
      }
      var looks: [Look] = []
      for await look in group { looks.append(look) }
      return looks
    }
  }
}
