internal import Glibc

/// Runs a system call that answers -1 on failure, again when a signal interrupted it.
///
/// Every call of this module goes through here, so that no result is dropped and `errno` is read
/// before anything else can change it.
@discardableResult
func systemCall<Result: FixedWidthInteger>(
  _ name: String, _ subject: @autoclosure () -> String? = nil, _ body: () -> Result
) throws(SystemError) -> Result {
  while true {
    let result = body()
    if result != -1 { return result }
    let code = errno
    if code != EINTR { throw SystemError(code: code, call: name, subject: subject()) }
  }
}
