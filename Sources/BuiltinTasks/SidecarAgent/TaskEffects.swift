import JSON
import LinuxSystem

/// How an effect did not come about.
enum EffectError: Error {
  /// The task failed; its record says so.
  case task(TaskProblem)
  /// The state directory can't be written, so nothing can be promised: the agent ends.
  case storage(SystemError)
}

/// What each type of task does to the pod. Each effect may be repeated without harm.
struct TaskEffects {
  let settings: AgentSettings
  let directory: StateDirectory
  let readiness: Readiness

  /// - Returns: the task's outputs.
  func perform(_ record: TaskRecord) throws(EffectError) -> JSONObject {
    switch record.type {
    case .configApply:
      return try applyConfig(record)
    case .configValidate:
      let hash = try presentConfig()
      try validate(hash)
      return JSONObject([("hash", .string(hash.text))])
    case .markReady:
      try validateBeforeArming()
      try mark(ready: true)
      return JSONObject([("ready", true)])
    case .markNotReady:
      try mark(ready: false)
      return JSONObject([("ready", false)])
    }
  }

  /// The hash of the configuration file; empty where there is none that can be read.
  func presentHash() -> String {
    let content = settings.configFile.flatMap { try? StateDirectory.contentIfPresent($0) }
    return content.map { ContentHash($0).text } ?? ""
  }

  private func applyConfig(_ record: TaskRecord) throws(EffectError) -> JSONObject {
    guard let file = settings.configFile, let config = record.params["config"]?.object else {
      throw notConfigured("CONFIG_FILE")
    }
    let content: [UInt8]
    do throws(ConfigProblem) {
      content = try settings.configFormat.render(config)
    } catch {
      throw .task(TaskProblem(reason: "ConfigInvalid", message: "\(error.path): \(error.message)"))
    }
    let hash = ContentHash(content)
    if presentHash() != hash.text {
      do throws(SystemError) {
        try AtomicFile.write(content, to: file)
      } catch {
        throw .task(TaskProblem(reason: "ConfigNotWritten", message: "\(error)", isTransient: true))
      }
    }
    return JSONObject([
      ("hash", .string(hash.text)), ("bytes", .integer(Int64(content.count))),
      ("changed", .bool(record.priorHash != hash.text)), ("config", .object(config)),
    ])
  }

  /// Never arms a configuration that fails validation: one that wasn't validated yet is now.
  private func validateBeforeArming() throws(EffectError) {
    guard settings.configFile != nil else { return }
    let hash = try presentConfig()
    guard settings.validateCommand != nil else { return }
    let validated: [UInt8]?
    do throws(SystemError) {
      validated = try StateDirectory.contentIfPresent(directory.validated)
    } catch { throw .storage(error) }
    if validated != Array(hash.text.utf8) { try validate(hash) }
  }

  private func validate(_ hash: ContentHash) throws(EffectError) {
    guard let text = settings.validateCommand, let file = settings.configFile else {
      throw notConfigured("VALIDATE_COMMAND")
    }
    let command = ValidateCommand(
      text: text, configFile: file, scratchDirectory: directory.scratch,
      timeoutMS: settings.validateTimeoutMS)
    do throws(TaskProblem) { try command.run() } catch { throw .task(error) }
    do throws(SystemError) {
      try AtomicFile.write(Array(hash.text.utf8), to: directory.validated)
    } catch { throw .storage(error) }
  }

  private func mark(ready: Bool) throws(EffectError) {
    do throws(SystemError) { try readiness.mark(ready: ready) } catch { throw .storage(error) }
  }

  private func presentConfig() throws(EffectError) -> ContentHash {
    guard let file = settings.configFile else { throw notConfigured("CONFIG_FILE") }
    let content: [UInt8]?
    do throws(SystemError) {
      content = try StateDirectory.contentIfPresent(file)
    } catch {
      throw .task(TaskProblem(reason: "ConfigNotReadable", message: "\(error)", isTransient: true))
    }
    guard let content else {
      throw .task(
        TaskProblem(
          reason: "ConfigMissing", message: "\(file) does not exist; run config-apply first"))
    }
    return ContentHash(content)
  }

  /// Only for a task that was accepted before the agent's settings changed.
  private func notConfigured(_ name: String) -> EffectError {
    .task(TaskProblem(reason: "NotConfigured", message: "\(name) is not set for this agent"))
  }
}
