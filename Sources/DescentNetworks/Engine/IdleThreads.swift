import COneDNN

extension Engine {
  /// Keeps OpenMP's idle threads from spinning for long, unless the user has set `OMP_WAIT_POLICY`, `GOMP_SPINCOUNT` or
  /// `KMP_BLOCKTIME`.
  ///
  /// Spinning threads take processor time that other work needs: with one of two processors busy, a step takes ten
  /// times as long. Call this first in `main`. On Linux, OpenMP has read its settings before `main` runs. So the
  /// program then starts anew, in the same process and with the same arguments, and everything done before is lost.
  public static func letIdleThreadsSleep() {
    onednn_let_idle_threads_sleep(CommandLine.unsafeArgv)
  }
}
