import RealModule

/// Methods that step each parameter separately, written from the papers' equations with explicit indices.
enum TensorReference {
  typealias Model<T> = @Sendable (_ gradients: [[[T]]], _ θ0: [[T]], _ shapes: [[Int]]) -> [[[T]]]

  /// θ after each step, where `step` changes one parameter.
  static func layerwise<T: Sendable, State>(
    _ initial: @escaping @Sendable (_ count: Int, _ shape: [Int]) -> State,
    _ step: @escaping @Sendable (_ t: Int, _ g: [T], _ θ: inout [T], _ shape: [Int], _ state: inout State) -> Void
  ) -> Model<T> {
    { gradients, θ0, shapes in
      var θ = θ0
      var states = zip(θ0, shapes).map { initial($0.count, $1) }
      return gradients.enumerated().map { i, g in
        for p in shapes.indices { step(i + 1, g[p], &θ[p], shapes[p], &states[p]) }
        return θ
      }
    }
  }
}
