import RealModule

extension Reference {
  struct ScheduleFreeOptions<T: Real & Sendable>: Sendable {
    var α: @Sendable (Int) -> T
    var β: T
    var λ: T = 0
    var decaysZ = false
    var r = 0
    var ratePower = 2
  }

  /// Schedule-Free in the form of the authors' code, which keeps y and z:
  /// y ← (1 − c) y + c z + α (β (1 − c) − 1) d, z ← z − α d.
  static func scheduleFree<T: Real & Sendable>(
    _ o: ScheduleFreeOptions<T>, direction: @escaping @Sendable () -> ((Int, T) -> T)
  ) -> Path<T> {
    { gradients, θ0 in
      let direction = direction()
      var z = θ0
      var total: T = 0
      var largest: T = 0
      return path(gradients, θ0) { t, g, y in
        let α = o.α(t)
        largest = max(largest, α)
        let weight = T.pow(T(t), o.r) * T.pow(largest, o.ratePower)
        total += weight
        let c = ratio(weight, total)
        let d = direction(t, g) + o.λ * (o.decaysZ ? z : y)
        y = (1 - c) * y + c * z + α * (o.β * (1 - c) - 1) * d
        z -= α * d
      }
    }
  }
}
