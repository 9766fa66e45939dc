import JSON

@testable import Convergence
@testable import Model

let volume = IntentKey(target: "local", kind: "Volume", key: "default/one")
let service = IntentKey(target: "edge", kind: "Service", key: "default/one")
let owner = IntentOwner(
  resource: ObjectKey(kind: "Node", namespace: "default", name: "one"), uid: "owner")
let stranger = IntentOwner(
  resource: ObjectKey(kind: "Node", namespace: "default", name: "two"), uid: "stranger")

func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

func writer(_ step: Int64 = 1) -> IntentWriter {
  IntentWriter(taskID: "task", attempt: 1, step: step)
}

func write(_ spec: JSONValue = ["size": 1], key: IntentKey = volume) -> IntentWrite {
  IntentWrite(key: key, spec: spec, specVersion: 1)
}

/// An intent in that state, written by step 1.
func intent(
  _ state: IntentState, key: IntentKey = volume, error: TaskError? = nil,
  notBefore: Timestamp? = nil, observed: JSONValue = .null
) -> Intent {
  var intent = Intent(write: write(key: key), uid: "uid", owner: owner, writer: writer())
  intent.state = state
  intent.error = error
  intent.failures = error == nil ? 0 : 1
  intent.notBefore = notBefore
  intent.observed = observed
  return intent
}

let broken = TaskError(reason: "Broken", message: "it is broken")

/// Every state that an intent can be in, the given-up one by itself.
let allIntents: [(String, Intent)] = [
  ("pending", intent(.pending)), ("committed", intent(.committed)),
  ("commitFailed", intent(.commitFailed, error: broken, notBefore: at(500))),
  ("given up", intent(.commitFailed, error: broken)),
  ("deletePending", intent(.deletePending)),
  ("removeFailed", intent(.removeFailed, error: broken)), ("removed", intent(.removed)),
]
