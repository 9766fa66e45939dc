import CCurl
import Glibc
import Synchronization

/// The thread behind `HTTPClient`: takes requests, drives libcurl's multi handle, answers each once.
///
/// It ends after `stop`, when what was on its way has been failed.
final class TransferLoop: Sendable {
  typealias Answer = @Sendable (Result<HTTPResponse, HTTPFailure>) -> Void

  private struct Submission {
    var id: UInt64
    var request: HTTPRequest
    var answer: Answer
  }

  private struct Inbox {
    var submissions: [Submission] = []
    /// Asked for and not answered; true = cancelled.
    var pending: [UInt64: Bool] = [:]
    var lastID: UInt64 = 0
    var isStarted = false
    var isStopped = false

    /// Cancelled, whether submitted yet or not.
    var cancelled: [UInt64] { pending.filter(\.value).map(\.key) }
  }

  private let inbox = Mutex(Inbox())
  // libcurl documents curl_multi_wakeup as safe from any thread; all else that takes the handle is
  // called on the loop's thread, which alone cleans it up, after `stop`, the owner's last call.
  private nonisolated(unsafe) let multi: UnsafeMutableRawPointer

  /// Longer than anyone waits: wake-ups and libcurl's own timers end it earlier.
  private static let idleMilliseconds: Int32 = 3_600_000

  init() {
    // Once in the process, before the first handle; libcurl counts further calls.
    curl_global_init(Int(CURL_GLOBAL_DEFAULT))
    guard let multi = curl_multi_init() else { preconditionFailure("libcurl is out of memory") }
    self.multi = multi
  }

  /// Begun with the first request, so that the thread inherits the signal mask that a program sets
  /// up after it made its client.
  private func startThread() {
    var thread = pthread_t()
    let context = Unmanaged.passRetained(self).toOpaque()
    let code = pthread_create(&thread, nil, runTransferLoop, context)
    precondition(code == 0, "no thread for HTTP: \(String(cString: strerror(code)))")
    pthread_detach(thread)
  }

  /// Announces a request, so that it can be cancelled before it is submitted.
  func nextID() -> UInt64 {
    inbox.withLock { inbox in
      inbox.lastID += 1
      inbox.pending[inbox.lastID] = false
      return inbox.lastID
    }
  }

  func submit(_ id: UInt64, _ request: HTTPRequest, answer: @escaping Answer) {
    let (isTaken, isFirst) = inbox.withLock { inbox in
      guard inbox.pending.count <= HTTPClient.transferLimit else {
        inbox.pending[id] = nil
        return (false, false)
      }
      inbox.submissions.append(Submission(id: id, request: request, answer: answer))
      defer { inbox.isStarted = true }
      return (true, !inbox.isStarted)
    }
    if isFirst { startThread() }
    if isTaken {
      curl_multi_wakeup(multi)
    } else {
      let message = "\(HTTPClient.transferLimit) requests are on their way already"
      answer(.failure(HTTPFailure(mayHaveBeenReceived: false, message: message)))
    }
  }

  func cancel(_ id: UInt64) {
    inbox.withLock { inbox in
      if inbox.pending[id] != nil { inbox.pending[id] = true }
    }
    curl_multi_wakeup(multi)
  }

  /// The owner's last call.
  func stop() {
    // The thread takes the lock before it cleans up, so the handle is still there.
    let isStarted = inbox.withLock { inbox in
      inbox.isStopped = true
      curl_multi_wakeup(multi)
      return inbox.isStarted
    }
    if !isStarted { curl_multi_cleanup(multi) }
  }

  fileprivate func run() {
    var transfers: [UInt64: Transfer] = [:]
    while true {
      let (submissions, cancelled, isStopped) = inbox.withLock { inbox in
        defer { inbox.submissions = [] }
        return (inbox.submissions, inbox.cancelled, inbox.isStopped)
      }
      for submission in submissions {
        begin(submission, in: &transfers)
      }
      for id in isStopped ? Array(transfers.keys) : cancelled {
        guard let transfer = transfers.removeValue(forKey: id) else { continue }
        end(transfer, with: transfer.failure("the request was cancelled"))
      }
      if isStopped { break }
      var running: Int32 = 0
      curl_multi_perform(multi, &running)
      var code = CURLE_OK
      while let handle = mortise_curl_next_finished(multi, &code) {
        let id = Transfer.id(of: handle)
        guard let transfer = transfers.removeValue(forKey: id) else { continue }
        end(transfer, with: transfer.result(code))
      }
      curl_multi_poll(multi, nil, 0, Self.idleMilliseconds, nil)
    }
    curl_multi_cleanup(multi)
  }

  private func begin(_ submission: Submission, in transfers: inout [UInt64: Transfer]) {
    guard let transfer = Transfer(submission.id, submission.request, submission.answer) else {
      let failure = HTTPFailure(mayHaveBeenReceived: false, message: "libcurl is out of memory")
      inbox.withLock { _ = $0.pending.removeValue(forKey: submission.id) }
      submission.answer(.failure(failure))
      return
    }
    transfers[submission.id] = transfer
    curl_multi_add_handle(multi, transfer.handle)
  }

  private func end(_ transfer: Transfer, with result: Result<HTTPResponse, HTTPFailure>) {
    curl_multi_remove_handle(multi, transfer.handle)
    inbox.withLock { _ = $0.pending.removeValue(forKey: transfer.id) }
    transfer.answer(result)
  }
}

private func runTransferLoop(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let context { Unmanaged<TransferLoop>.fromOpaque(context).takeRetainedValue().run() }
  return nil
}
