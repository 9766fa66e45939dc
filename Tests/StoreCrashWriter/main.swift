import Diagnostics
import Glibc
import Model
import Storage

// Writes to a store until it is killed, and says on standard output what was acknowledged: one line
// a write, "TASK COUNT VERSION", once `create` or `update` has returned. `StoreCrashTests` runs it.

let directory = CommandLine.arguments[1]
let tasks = 16

func say(_ line: String) {
  let bytes = Array((line + "\n").utf8)
  // One call, less than a pipe's buffer: whole lines, whenever the process ends.
  _ = write(STDOUT_FILENO, bytes, bytes.count)
}

do {
  let store = try SQLiteStore(directory: directory, log: .discarding)
  say("epoch \(store.epoch)")
  try await withThrowingTaskGroup { group in
    for task in 0..<tasks {
      group.addTask {
        let key = ObjectKey(kind: "Counter", namespace: "", name: "\(task)")
        var object =
          try await store.get(key) ?? StoredObject(key: key, uid: "u\(task)", body: Array("0".utf8))
        while true {
          let count = Int(String(decoding: object.body, as: UTF8.self))! + 1
          object.body = Array(String(count).utf8)
          object.version =
            object.version == 0
            ? try await store.create(object) : try await store.update(object)
          say("\(task) \(count) \(object.version)")
        }
      }
    }
    try await group.waitForAll()
  }
} catch {
  say("error \(error)")
  exit(1)
}
