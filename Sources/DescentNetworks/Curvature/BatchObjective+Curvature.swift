import Descent

extension BatchObjective: GaussNewtonObjective {
  public func gaussNewtonProduct(
    at θ: ParameterVector<Float>, with v: ParameterVector<Float>, into product: inout ParameterVector<Float>
  ) throws {
    try engine.gaussNewtonProduct(of: model, batch, at: θ, with: v, into: &product, noise: noise)
  }
}

extension BatchObjective: HessianObjective {
  public func hessianProduct(
    at θ: ParameterVector<Float>, with v: ParameterVector<Float>, into product: inout ParameterVector<Float>
  ) throws {
    try engine.hessianProduct(of: model, batch, at: θ, with: v, into: &product, noise: noise)
  }
}

extension BatchObjective: CurvatureDiagonalObjective {
  public func curvatureDiagonal(
    at θ: ParameterVector<Float>, _ form: CurvatureForm, into diagonal: inout ParameterVector<Float>
  ) throws {
    try engine.curvatureDiagonal(of: model, batch, at: θ, form, into: &diagonal, noise: noise)
  }
}
