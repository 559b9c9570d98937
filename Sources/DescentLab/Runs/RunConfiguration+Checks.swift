extension RunConfiguration {
  /// The largest number of epochs of a run: more than anybody waits for, and small enough for arithmetic.
  static let mostEpochs = 1_000_000_000
  /// The largest number of steps of a run: a thousand years of one step per millisecond.
  static let mostSteps = 1 << 45

  /// Checks a configuration from a file, like one of a user. It must be one that a plan has completed.
  /// - Throws: ``RunError``.
  func checkSaved() throws(RunError) {
    if batchSize == nil { throw .mismatch("'batchSize' is missing") }
    try checkNumbers()
  }

  /// Checks the numbers that need no data, whether they are from options or from a file.
  /// - Throws: ``RunError`` that names the option and what it may be.
  func checkNumbers() throws(RunError) {
    func check(
      _ option: String, _ value: some CustomStringConvertible, _ isAllowed: Bool, _ allowed: String
    ) throws(RunError) {
      if !isAllowed { throw .invalidOption(option, value: value.description, allowed: allowed) }
    }
    try check("--epochs", epochs, 1...Self.mostEpochs ~= epochs, "from 1 to \(Self.mostEpochs)")
    if let batchSize { try check("--batch", batchSize, batchSize > 0, "at least 1") }
    try check("--threads", threads, 1...1024 ~= threads, "from 1 to 1024")
    if let interval = diagnostics {
      try check("--diagnostics", interval, interval > 0, "at least 1 step")
      if updateInBackward == true {
        throw .conflict(
          "--diagnostics needs the gradient of all parameters at once, which --update-in-backward never has: give one of them"
        )
      }
    }
    if let clipNorm { try check("--clip-norm", clipNorm, clipNorm > 0 && clipNorm.isFinite, "positive") }
    // Its product with the learning rate must be at most 1, which is checked with the rate's schedule.
    if let weightDecay {
      try check("--weight-decay", weightDecay, weightDecay >= 0 && weightDecay.isFinite, "0 or positive")
    }
  }
}
