import Descent

extension RunConfiguration {
  /// The defaults of a run: the perceptron on the drawn digits, with Adam.
  public static var standard: RunConfiguration {
    RunConfiguration(
      data: "digits", model: "mlp", optimizer: "adam", epochs: 5, seed: 1, threads: processorCount)
  }

  /// The number of samples in a step, if the user gives none and the data set has so many.
  public static let standardBatchSize = 128
}
