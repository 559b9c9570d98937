import Foundation

/// Why a program could not be started, in words, from the error of `Process.run()`.
public func reasonNotStarted(_ error: any Error) -> String {
  let error = error as NSError
  let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
  guard cause.domain == NSPOSIXErrorDomain else { return error.localizedDescription }
  switch Int32(cause.code) {
  // Foundation also fails in this way to start a program if fewer than about 256 files may be open.
  case EMFILE, EBADF:
    return "only \(getdtablesize()) files may be open at the same time: raise the limit to 256 or more (ulimit -n 1024)"
  case EAGAIN: return "there are as many processes as may be: end some, or raise the limit (ulimit -u)"
  default: return String(cString: strerror(Int32(cause.code))).lowercased()
  }
}
