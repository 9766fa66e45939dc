import JSON
import PluginProto
import TTRPC

/// A task type without its generics: bytes in, bytes out.
struct TaskBinding: Sendable {
  /// The outcome of a step, its outputs encoded.
  enum Outcome: Sendable {
    case complete([UInt8])
    case running(handle: [UInt8], progress: Progress?, work: Work?)
    case wait(Wait)
  }

  /// The part of a task that goes on after its call.
  typealias Work = @Sendable () async throws -> Outcome

  /// What became of a step whose end was not journalled.
  enum Recovered: Sendable {
    case notStarted
    case finished(Outcome)
    case unknown
  }

  /// A call whose params are of the type that the task takes.
  struct Prepared: Sendable {
    let execute: @Sendable (TaskContext) async throws -> Outcome
    let recover: @Sendable (_ handle: [UInt8], TaskContext) async throws -> Recovered
  }

  typealias Preparation = @Sendable (_ params: [UInt8]) throws(RPCError) -> Prepared

  let description: PluginV1.TaskTypeDescription
  let prepare: Preparation
  /// The following are nil where the type does not offer them.
  let prepareRevert: Preparation?
  let preview: (@Sendable (_ params: [UInt8], TaskContext) async throws -> String)?
  let expand: (@Sendable (_ params: [UInt8], ResourceReference) async throws -> [TaskPhase])?
  /// What is wrong with the params.
  let validate: @Sendable (_ params: [UInt8]) async -> [String]

  var isExternal: Bool { description.acts == .externally }

  init(_ task: any TaskType) {
    switch task {
    case let task as any ExternalTask: self.init(external: task)
    case let task as any IntentTask: self.init(intent: task)
    default:
      preconditionFailure(
        "task type \(type(of: task).name) must be an IntentTask or an ExternalTask")
    }
  }

  private init<Type: IntentTask>(intent task: Type) {
    description = Self.description(
      of: Type.self, acts: .throughIntents, intentKinds: Type.intentKinds, isIdempotent: true,
      capabilities: ["dryRun"] + (task is any ExpandableTask ? ["expand"] : [])
        + (task is any ValidatingTask ? ["validate"] : []))
    prepareRevert = nil
    preview = nil
    expand = (task as? any ExpandableTask).map { Self.expansion(of: $0) }
    prepare = { params throws(RPCError) in
      let params = try Self.decode(Type.Params.self, params)
      return Prepared(
        execute: { context in try Self.erase(try await task.execute(params, context)) },
        recover: { _, _ in .notStarted })
    }
    validate = Self.validation(of: task)
  }

  private init<Type: ExternalTask>(external task: Type) {
    description = Self.description(
      of: Type.self, acts: .externally, intentKinds: [], isIdempotent: Type.isIdempotent,
      capabilities: ["cancel"] + (task is any PreviewableTask ? ["dryRun"] : [])
        + (task is any RevertibleTask ? ["revert"] : [])
        + (task is any ExpandableTask ? ["expand"] : [])
        + (task is any ValidatingTask ? ["validate"] : []))
    prepareRevert = (task as? any RevertibleTask).map { Self.preparation(reverting: $0) }
    preview = (task as? any PreviewableTask).map { Self.preview(of: $0) }
    expand = (task as? any ExpandableTask).map { Self.expansion(of: $0) }
    prepare = { params throws(RPCError) in
      let params = try Self.decode(Type.Params.self, params)
      return Prepared(
        execute: { context in try Self.erase(try await task.execute(params, context)) },
        recover: { handle, context in
          try Self.erase(try await task.recover(params, handle: handle, context))
        })
    }
    validate = Self.validation(of: task)
  }

  private static func preparation<Type: RevertibleTask>(reverting task: Type) -> Preparation {
    { params throws(RPCError) in
      let params = try decode(Type.Params.self, params)
      return Prepared(
        execute: { context in try erase(try await task.revert(params, context)) },
        recover: { handle, context in
          try erase(try await task.recoverRevert(params, handle: handle, context))
        })
    }
  }

  private static func preview<Type: PreviewableTask>(
    of task: Type
  ) -> @Sendable (_ params: [UInt8], TaskContext) async throws -> String {
    { params, context in try await task.preview(try decode(Type.Params.self, params), context) }
  }

  private static func expansion<Type: ExpandableTask>(
    of task: Type
  ) -> @Sendable (_ params: [UInt8], ResourceReference) async throws -> [TaskPhase] {
    { params, resource in try await task.expand(try decode(Type.Params.self, params), resource) }
  }

  private static func decode<Params: Codable>(
    _ type: Params.Type, _ bytes: [UInt8]
  ) throws(RPCError) -> Params {
    do throws(ParamsCoding.Mismatch) {
      return try ParamsCoding.decode(type, from: bytes, "params")
    } catch {
      throw .invalidParams(error)
    }
  }

  /// That the params decode is always looked at.
  private static func validation<Type: TaskType>(
    of task: Type
  ) -> @Sendable (_ params: [UInt8]) async -> [String] {
    let more = (task as? any ValidatingTask).map { verdict(of: $0) }
    return { params in
      do throws(ParamsCoding.Mismatch) {
        _ = try ParamsCoding.decode(Type.Params.self, from: params, "params")
        return await more?(params) ?? []
      } catch {
        return [error.message]
      }
    }
  }

  private static func verdict<Type: ValidatingTask>(
    of task: Type
  ) -> @Sendable (_ params: [UInt8]) async -> [String] {
    { params in
      do throws(ParamsCoding.Mismatch) {
        return await task.validate(
          try ParamsCoding.decode(Type.Params.self, from: params, "params"))
      } catch {
        return [error.message]
      }
    }
  }

  private static func erase<Outputs>(_ recovery: Recovery<Outputs>) throws -> Recovered {
    switch recovery {
    case .notStarted: .notStarted
    case .finished(let outcome): .finished(try erase(outcome))
    case .unknown: .unknown
    }
  }

  private static func erase<Outputs>(_ outcome: TaskOutcome<Outputs>) throws -> Outcome {
    switch outcome {
    case .complete(let outputs): return .complete(try ParamsCoding.encode(outputs))
    case .wait(let wait): return .wait(wait)
    case .running(let handle, let progress, nil):
      return .running(handle: handle, progress: progress, work: nil)
    case .running(let handle, let progress, let work?):
      let erased: Work = { try Self.erase(try await work()) }
      return .running(handle: handle, progress: progress, work: erased)
    }
  }

  private static func description<Type: TaskType>(
    of type: Type.Type, acts: PluginV1.Acts, intentKinds: [String], isIdempotent: Bool,
    capabilities: [String]
  ) -> PluginV1.TaskTypeDescription {
    PluginV1.TaskTypeDescription(
      type: type.name, version: type.version, paramsSchema: type.paramsSchema.serialized(),
      outputsSchema: type.outputsSchema.serialized(), acts: acts, intentKinds: intentKinds,
      idempotent: isIdempotent, timeoutMS: type.timeout?.wholeMilliseconds ?? 0,
      maxConcurrent: UInt32(clamping: type.maxConcurrent ?? 0), capabilities: capabilities)
  }
}

extension Duration {
  /// Milliseconds, rounded up, within what a field of the protocol holds.
  var wholeMilliseconds: UInt32 {
    let (seconds, attoseconds) = components
    let milliseconds = Double(seconds) * 1e3 + (Double(attoseconds) / 1e15).rounded(.up)
    return UInt32(min(max(milliseconds, 0), Double(UInt32.max)))
  }
}
