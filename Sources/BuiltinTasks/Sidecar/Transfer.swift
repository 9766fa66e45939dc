import CCurl

/// One request on its way: a libcurl handle with all that must outlive it.
///
/// - Isolation: the transfer loop's thread.
final class Transfer {
  let id: UInt64
  let handle: UnsafeMutableRawPointer
  let answer: TransferLoop.Answer
  private let request: HTTPRequest
  private let url: UnsafeMutablePointer<CChar>
  private let headers: UnsafeMutablePointer<curl_slist>?
  private let body: UnsafeMutableBufferPointer<CChar>
  private var received: [UInt8] = []
  private var isTooLarge = false

  /// Nil where libcurl is out of memory.
  init?(_ id: UInt64, _ request: HTTPRequest, _ answer: @escaping TransferLoop.Answer) {
    guard let handle = curl_easy_init() else { return nil }
    self.id = id
    self.handle = handle
    self.request = request
    self.answer = answer
    url = Self.copy(Array(request.url.utf8) + [0]).baseAddress!
    body = Self.copy(request.body)
    headers = curl_slist_append(nil, "Content-Type: application/json")
    setUp()
  }

  deinit {
    curl_easy_cleanup(handle)
    curl_slist_free_all(headers)
    url.deallocate()
    body.deallocate()
  }

  static func id(of handle: UnsafeMutableRawPointer) -> UInt64 {
    var pointer: UnsafeMutableRawPointer?
    mortise_curl_get_pointer(handle, CURLINFO_PRIVATE, &pointer)
    return UInt64(UInt(bitPattern: pointer))
  }

  private func setUp() {
    mortise_curl_set_pointer(handle, CURLOPT_PRIVATE, UnsafeMutableRawPointer(bitPattern: UInt(id)))
    mortise_curl_set_text(handle, CURLOPT_URL, url)
    mortise_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "http")
    // A sidecar is asked directly, whatever proxy the environment names.
    mortise_curl_set_text(handle, CURLOPT_PROXY, "")
    mortise_curl_set_number(handle, CURLOPT_NOSIGNAL, 1)
    // A connection for each request: a failure is then this request's own, and an agent's bounded
    // connections are held only while somebody waits.
    mortise_curl_set_number(handle, CURLOPT_FORBID_REUSE, 1)
    mortise_curl_set_number(handle, CURLOPT_TIMEOUT_MS, request.timeoutMS)
    mortise_curl_set_number(handle, CURLOPT_CONNECTTIMEOUT_MS, HTTPClient.connectTimeoutMS)
    mortise_curl_set_pointer(handle, CURLOPT_HTTPHEADER, headers)
    mortise_curl_set_writer(handle, takeReceived, Unmanaged.passUnretained(self).toOpaque())
    if request.method == "POST" {
      mortise_curl_set_number(handle, CURLOPT_POST, 1)
      mortise_curl_set_number(handle, CURLOPT_POSTFIELDSIZE, body.count)
      mortise_curl_set_pointer(handle, CURLOPT_POSTFIELDS, body.baseAddress)
    }
  }

  fileprivate func take(_ data: UnsafeRawBufferPointer) -> Bool {
    isTooLarge = received.count + data.count > HTTPClient.responseBytesLimit
    if !isTooLarge { received += data }
    return !isTooLarge
  }

  func result(_ code: CURLcode) -> Result<HTTPResponse, HTTPFailure> {
    if isTooLarge {
      return failure("the answer has more than \(HTTPClient.responseBytesLimit) bytes")
    }
    guard code == CURLE_OK else { return failure(String(cString: curl_easy_strerror(code))) }
    var status = 0
    mortise_curl_get_number(handle, CURLINFO_RESPONSE_CODE, &status)
    return .success(HTTPResponse(status: status, body: received))
  }

  func failure(_ message: String) -> Result<HTTPResponse, HTTPFailure> {
    var written = 0
    mortise_curl_get_number(handle, CURLINFO_REQUEST_SIZE, &written)
    return .failure(
      HTTPFailure(
        mayHaveBeenReceived: written > 0, message: "\(request.method) \(request.url): \(message)"))
  }

  private static func copy<Bytes: Collection<UInt8>>(
    _ bytes: Bytes
  ) -> UnsafeMutableBufferPointer<CChar> {
    let buffer = UnsafeMutableBufferPointer<CChar>.allocate(capacity: bytes.count)
    _ = buffer.initialize(from: bytes.lazy.map { CChar(bitPattern: $0) })
    return buffer
  }
}

private func takeReceived(
  data: UnsafeMutablePointer<CChar>?, size: Int, count: Int, context: UnsafeMutableRawPointer?
) -> Int {
  guard let context else { return 0 }
  let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
  let isTaken = transfer.take(UnsafeRawBufferPointer(start: data, count: size * count))
  return isTaken ? size * count : 0
}
