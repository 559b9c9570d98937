import Foundation

/// Why a program could not be started, in words: of the error that `Process.run()` throws.
public func reasonNotStarted(_ error: any Error) -> String {
  let error = error as NSError
  let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
  guard cause.domain == NSPOSIXErrorDomain else { return error.localizedDescription }
  switch Int32(cause.code) {
  // Foundation's way to start a program also ends so where fewer than some 256 files may be open.
  case EMFILE, EBADF:
    return "only \(getdtablesize()) files may be open at the same time: raise the limit (ulimit -n 1024)"
  case EAGAIN: return "there are as many processes as may be: end some, or raise the limit (ulimit -u)"
  default: return String(cString: strerror(Int32(cause.code))).lowercased()
  }
}
