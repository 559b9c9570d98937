import Descent

extension RunConfiguration {
  /// The defaults of a run: the perceptron on the drawn digits, with Adam.
  public static var standard: RunConfiguration {
    RunConfiguration(
      data: "digits", model: "mlp", optimizer: "adam", epochs: 5, batchSize: 128, seed: 1, threads: processorCount)
  }
}
