import COneDNN

extension Engine {
  /// Keeps OpenMP's idle threads from spinning for long, unless the user has set `OMP_WAIT_POLICY`, `GOMP_SPINCOUNT` or
  /// `KMP_BLOCKTIME`.
  ///
  /// Spinning threads take a processor that other work needs: with one of two processors busy, a step takes ten times as
  /// long. Call this first in `main`. On Linux, OpenMP has read its settings before `main` runs, so the program is then
  /// started anew, in the same process and with the same arguments; nothing that was done before remains.
  public static func letIdleThreadsSleep() {
    onednn_let_idle_threads_sleep(CommandLine.unsafeArgv)
  }
}
