import Descent

extension Engine {
  /// Replaces `product` by G v, with the Gauss–Newton matrix G = Jᵀ H_L J of the loss at θ.
  ///
  /// One forward pass that also computes the outputs' tangents J v, and one backward pass that starts from H_L J v, the
  /// loss's own second derivative: Schraudolph, "Fast curvature matrix-vector products for second-order gradient
  /// descent" (Neural Computation 2002). It costs about five thirds of a gradient. ReLU and maxima are taken as linear
  /// where they are.
  ///
  /// - Parameters:
  ///   - model: The model, which computes the loss.
  ///   - batch: The examples.
  ///   - θ: The model's parameters.
  ///   - v: A vector of the same layout.
  ///   - product: A vector of the same layout; unchanged if the batch is refused.
  ///   - noise: For dropout and samples; the same as for the gradient.
  /// - Throws: ``NetworkError`` if the batch or a vector does not fit the model.
  public func gaussNewtonProduct(
    of model: some Model, _ batch: Batch, at θ: ParameterVector<Float>, with v: ParameterVector<Float>,
    into product: inout ParameterVector<Float>, noise: RandomStream
  ) throws(NetworkError) {
    try self.product(of: model, batch, at: θ, with: v, into: &product, noise: noise) { .gaussNewton($0) }
  }

  /// Replaces `product` by H v, with the Hessian H of the loss at θ.
  ///
  /// The derivative of the gradient along v: the forward pass computes the tangents of all tensors, and the backward pass
  /// those of all gradients. Pearlmutter, "Fast exact multiplication by the Hessian" (Neural Computation 1994). It costs
  /// about three gradients. ReLU and maxima are taken as linear where they are: their second derivative is 0.
  ///
  /// - Parameters:
  ///   - model: The model, which computes the loss.
  ///   - batch: The examples.
  ///   - θ: The model's parameters.
  ///   - v: A vector of the same layout.
  ///   - product: A vector of the same layout; unchanged if the batch is refused.
  ///   - noise: For dropout and samples; the same as for the gradient.
  /// - Throws: ``NetworkError`` if the batch or a vector does not fit the model.
  public func hessianProduct(
    of model: some Model, _ batch: Batch, at θ: ParameterVector<Float>, with v: ParameterVector<Float>,
    into product: inout ParameterVector<Float>, noise: RandomStream
  ) throws(NetworkError) {
    try self.product(of: model, batch, at: θ, with: v, into: &product, noise: noise) { .hessian($0) }
  }

  /// Replaces `diagonal` by the diagonal of the curvature of the loss at θ.
  ///
  /// Second derivatives go back through the model like gradients, one number for each unit; what two units have in common
  /// is left out, so it is exact for a single layer only. Becker and LeCun, "Improving the convergence of back-propagation
  /// learning with second order methods" (1988):
  ///
  ///     ∂²L/∂s² = f′(s)² ∂²L/∂y² + f″(s) ∂L/∂y,  ∂²L/∂w² = x² ∂²L/∂s²,  ∂²L/∂x² = Σ w² ∂²L/∂s²
  ///
  /// Without the term with f″ (``CurvatureForm/gaussNewton``) it is never negative for a convex loss. It costs about one
  /// gradient, with the term one and a third.
  ///
  /// - Parameters:
  ///   - model: The model, which computes the loss.
  ///   - batch: The examples.
  ///   - θ: The model's parameters.
  ///   - form: With the second derivatives of the model, or without.
  ///   - diagonal: A vector of the same layout; unchanged if the batch is refused.
  ///   - noise: For dropout and samples; the same as for the gradient.
  /// - Throws: ``NetworkError`` if the batch or a vector does not fit the model.
  public func curvatureDiagonal(
    of model: some Model, _ batch: Batch, at θ: ParameterVector<Float>, _ form: CurvatureForm,
    into diagonal: inout ParameterVector<Float>, noise: RandomStream
  ) throws(NetworkError) {
    _ = try gradient(of: model, batch, at: θ, into: &diagonal, noise: noise, pass: .diagonal(form))
  }

  private func product(
    of model: some Model, _ batch: Batch, at θ: ParameterVector<Float>, with v: ParameterVector<Float>,
    into product: inout ParameterVector<Float>, noise: RandomStream, _ pass: (UnsafePointer<Float>) -> Pass
  ) throws(NetworkError) {
    if let difference = model.layout.difference(from: v.layout) { throw .vector(difference) }
    try v.withUnsafeElements { v throws(NetworkError) in
      _ = try gradient(of: model, batch, at: θ, into: &product, noise: noise, pass: pass(v.baseAddress!))
    }
  }
}
