import Descent

extension RunConfiguration {
  /// What a run does unless it is told otherwise: the perceptron on the drawn digits, with Adam.
  public static var standard: RunConfiguration {
    RunConfiguration(
      data: "digits", model: "mlp", optimizer: "adam", epochs: 5, batchSize: 128, seed: 1, threads: processorCount)
  }
}
