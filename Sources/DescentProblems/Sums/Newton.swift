/// Minimizes a strongly convex function by Newton's method, until rounding keeps the gradient from falling. Conjugate
/// gradients solve its equations, and a line search chooses the step.
///
/// - Parameters:
///   - value: f(x) and ∇f(x).
///   - curvature: For x, a function that multiplies a vector by the Hessian at x.
func minimizeByNewton(
  from start: [Double], value: ([Double]) -> (value: Double, gradient: [Double]),
  curvature: ([Double]) -> ([Double]) -> [Double]
) -> [Double] {
  func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
  func moved(_ x: [Double], _ d: [Double], by step: Double) -> [Double] { zip(x, d).map { $0 + step * $1 } }
  var x = start
  var (f, g) = value(x)
  let first = dot(g, g)
  for _ in 0..<50 {
    let norm = dot(g, g)
    // Only rounding errors are left of the gradient.
    if norm <= 1e-28 * first { break }
    // Solve H d = −g to a tolerance that falls with the gradient, which makes convergence quadratic.
    let product = curvature(x)
    var d = Array(repeating: 0.0, count: x.count)
    var r = g.map { -$0 }
    var p = r
    var rr = dot(r, r)
    let tolerance = rr * max(1e-10, min(0.01, norm))
    for _ in 0..<(2 * x.count + 20) where rr > tolerance {
      let q = product(p)
      let α = rr / dot(p, q)
      guard α.isFinite else { break }
      d = moved(d, p, by: α)
      r = moved(r, q, by: -α)
      let next = dot(r, r)
      p = moved(r, p, by: next / rr)
      rr = next
    }
    var step = 1.0
    let slope = dot(g, d)
    var (nextX, next) = (moved(x, d, by: step), value(moved(x, d, by: step)))
    // Near the end, f no longer resolves differences, so the gradient judges a full step.
    while next.value > f + 1e-4 * step * slope, dot(next.gradient, next.gradient) >= norm, step > 1e-10 {
      step /= 2
      nextX = moved(x, d, by: step)
      next = value(nextX)
    }
    guard dot(next.gradient, next.gradient) < norm || next.value < f else { break }
    (x, f, g) = (nextX, next.value, next.gradient)
  }
  return x
}
