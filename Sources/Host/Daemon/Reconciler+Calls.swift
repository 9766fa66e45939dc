internal import Execution
internal import Model
internal import Planning
internal import TTRPC

/// A delivery that a pass waits for.
struct CallInFlight {
  var delivery: TaskDelivery
  var call: Task<Void, Never>
  var isStopping = false
}

/// Deliveries: while one is under way, its pass holds up no other, and a person can stop it.
extension Reconciler {
  func deliver(_ delivery: TaskDelivery, of plan: Plan) async -> (
    TaskAnswer, from: TaskProvider?
  ) {
    let key = delivery.resource
    recovered(key, plan)
    queue.setAway(key, true)
    pump()
    let answer = await withCheckedContinuation { continuation in
      let call = environment.loop.spawn { [dispatcher] in
        continuation.resume(returning: await dispatcher.execute(delivery))
      }
      calls[key] = CallInFlight(delivery: delivery, call: call)
    }
    calls[key] = nil
    queue.setAway(key, false)
    return answer
  }

  /// A person asked something of the resource: a pass, and if it is to stop, word to the plugin whose
  /// answer the present pass waits for.
  func asked(_ key: ObjectKey) async {
    wake(key)
    // A store that can't be read now is read by the pass, as soon as that call has ended.
    guard calls[key] != nil, let stored = try? await environment.store.get(key),
      let resource = try? Resource(stored), Self.isToStop(resource),
      var call = calls[key], !call.isStopping
    else { return }
    call.isStopping = true
    calls[key] = call
    _ = await dispatcher.cancel(call.delivery)
    let time = environment.time
    await time.wait(until: time.now() + PlanExecutor.cancelRepeat)
    // No longer waited for, so its outcome is unknown: the next pass goes on from there.
    guard let present = calls[key], present.call == call.call else { return }
    present.call.cancel()
  }

  /// Whether the plan in flight is to end.
  static func isToStop(_ resource: Resource) -> Bool {
    guard let plan = resource.status.plan, plan.phase == .active else { return false }
    // A run that can't go back, or is going back, goes on to its end.
    if resource.isTaskRun, plan.reverts != nil || plan.pointOfNoReturn != nil { return false }
    return resource.metadata.deletionTimestamp != nil
      || resource.metadata.replanRequest == plan.id || resource.metadata.cancelRequest == plan.id
  }
}
