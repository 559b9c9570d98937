import Descent

extension Engine {
  /// Writes ∂loss/∂θ into `g`, and the gradient of the same loss with labels drawn from the model's predictions into
  /// `drawn`; returns the loss.
  ///
  /// - Parameters:
  ///   - labels: For the labels; the same stream draws the same ones.
  /// - Throws: ``NetworkError`` if the batch or a vector does not fit the model, or its loss is no likelihood.
  func gradient(
    of model: some Model, _ batch: Batch, at θ: ParameterVector<Float>, into g: inout ParameterVector<Float>,
    drawn: inout ParameterVector<Float>, labels: RandomStream, noise: RandomStream
  ) throws(NetworkError) -> BatchResult {
    if let difference = model.layout.difference(from: drawn.layout) { throw .vector(difference) }
    return try drawn.withUnsafeMutableElements { drawn throws(NetworkError) in
      let drawn = WholeGradient(drawn.baseAddress!, layout: model.layout)
      return try gradient(of: model, batch, at: θ, into: &g, noise: noise) { tape, loss throws(NetworkError) in
        var labels = labels
        try tape.backwardKeeping(from: loss, observer: nil)
        try tape.backward(withDrawnLabelsOf: loss, &labels, into: drawn, observer: nil)
      }
    }
  }

  /// Writes ∂loss/∂θ into `g` and hands the statistics of each layer to `observer`; returns the loss.
  ///
  /// - Parameter labels: For drawn labels; nil for the batch's own.
  /// - Throws: ``NetworkError`` if the batch or a vector does not fit the model, or its loss is no likelihood.
  func gradient(
    of model: some Model, _ batch: Batch, at θ: ParameterVector<Float>, into g: inout ParameterVector<Float>,
    observer: LayerObserver, labels: RandomStream?, noise: RandomStream
  ) throws(NetworkError) -> BatchResult {
    try gradient(of: model, batch, at: θ, into: &g, noise: noise) { tape, loss throws(NetworkError) in
      try tape.backwardKeeping(from: loss, observer: labels == nil ? observer : nil)
      guard var labels else { return }
      try tape.backward(withDrawnLabelsOf: loss, &labels, into: nil, observer: observer)
    }
  }
}
