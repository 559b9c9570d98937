import RealModule

/// Methods that step all parameters as one vector, written from the papers' equations and the authors' code.
enum VectorReference {
  typealias Model<T> = TensorReference.Model<T>

  /// θ after each step, where `step` changes all parameters, one after the other in one array.
  static func whole<T: Sendable, State>(
    _ initial: @escaping @Sendable (_ θ0: [T]) -> State,
    _ step: @escaping @Sendable (_ t: Int, _ g: [T], _ θ: inout [T], _ state: inout State) -> Void
  ) -> Model<T> {
    { gradients, θ0, _ in
      var θ = θ0.flatMap { $0 }
      var state = initial(θ)
      return gradients.enumerated().map { i, g in
        step(i + 1, g.flatMap { $0 }, &θ, &state)
        var rest = θ[...]
        return θ0.map { part in
          defer { rest = rest.dropFirst(part.count) }
          return Array(rest.prefix(part.count))
        }
      }
    }
  }

  static func zeros<T: Real>(_ like: [T]) -> [T] { Array(repeating: 0, count: like.count) }

  struct DistanceOptions<T: ReferenceScalar>: ReferenceOptions {
    var α: @Sendable (Int) -> T = { _ in 1 }
    var β1: T = w(0.9)
    var β2: T = w(0.999)
    var β3: T?
    var ε: T = w(1e-8)
    var d0: T = w(1e-6)
    var c: T = 1
    var growth: T?
    var λ: T = 0
    var corrects = false
    var safeguards = false

    func rate(_ t: Int, d: T) -> T {
      d * α(t) * (corrects ? T.sqrt(1 - T.pow(β2, t)) / (1 - T.pow(β1, t)) : 1)
    }
  }
}
