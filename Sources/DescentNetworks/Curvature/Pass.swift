import Descent

/// What a backward pass computes for each parameter.
enum Pass {
  /// ∂loss/∂θ.
  case gradient
  /// G v, with the Gauss–Newton matrix G; the pointer is to v, laid out like θ.
  case gaussNewton(UnsafePointer<Float>)
  /// H v, with the Hessian H.
  case hessian(UnsafePointer<Float>)
  /// The diagonal of G or of H, without what two units have in common.
  case diagonal(CurvatureForm)

  /// v, for which the forward pass computes the tangents of all tensors; nil if it computes none.
  var direction: UnsafePointer<Float>? {
    switch self {
    case .gradient, .diagonal: nil
    case .gaussNewton(let v), .hessian(let v): v
    }
  }

  /// Whether gradients go back.
  var needsGradients: Bool {
    switch self {
    case .gradient, .hessian, .diagonal(.full): true
    case .gaussNewton, .diagonal(.gaussNewton): false
    }
  }

  /// Whether losses must keep what their second derivatives need.
  var isOfCurvature: Bool {
    if case .gradient = self { false } else { true }
  }
}
