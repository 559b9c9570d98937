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
      return try twice(model, batch, at: θ, into: &g, noise: noise) { tape, loss throws(NetworkError) in
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
    try twice(model, batch, at: θ, into: &g, noise: noise) { tape, loss throws(NetworkError) in
      try tape.backwardKeeping(from: loss, observer: labels == nil ? observer : nil)
      guard var labels else { return }
      try tape.backward(withDrawnLabelsOf: loss, &labels, into: nil, observer: observer)
    }
  }

  private func twice(
    _ model: some Model, _ batch: Batch, at θ: ParameterVector<Float>, into g: inout ParameterVector<Float>,
    noise: RandomStream, _ passes: (Tape, Loss) throws(NetworkError) -> Void
  ) throws(NetworkError) -> BatchResult {
    if let difference = model.layout.difference(from: g.layout) { throw .vector(difference) }
    if let difference = model.layout.difference(from: θ.layout) { throw .vector(difference) }
    return try g.withUnsafeMutableElements { g throws(NetworkError) in
      let gradients = WholeGradient(g.baseAddress!, layout: model.layout)
      return try θ.withUnsafeElements { θ throws(NetworkError) in
        try run(model, batch, at: θ.baseAddress!, gradients, noise: noise, backward: passes)
      }
    }
  }
}
