import RealModule
import TestSupport
import Testing

@testable import Descent

@Suite struct AdaHessianTests {
  /// A quadratic over all elements of a layout.
  private func bowl(_ layout: ParameterLayout, _ a: [[Double]]) -> CurvedObjective<Float> {
    func multiply(_ v: ParameterVector<Float>, _ product: inout ParameterVector<Float>) {
      let x = v.values
      var rows = a.makeIterator()
      product.fill { zip(rows.next()!, x).reduce(Float(0)) { $0 + Float($1.0) * $1.1 } }
    }
    return CurvedObjective { θ, g in
      multiply(θ, &g)
      return 0.5 * θ.dot(g)
    } hessian: {
      multiply($1, &$2)
    }
  }

  /// Eight steps against the equations in `Double`, with the kernel in either order of its axes; θ is the method's own
  /// before each step. Bound: 10⁻⁵ of the step size 0.1.
  @Test(arguments: [ParameterAxes.outputsLast, .outputsFirst], [0.5, 1, 0])
  func itIsItsEquation(axes: ParameterAxes, power: Double) throws {
    let tensors = [("kernel", [2, 3, 2, 2]), ("bias", [5]), ("depthwise", [3, 2])]
    let depthwise = axes == .outputsLast ? ParameterAxes.roles([.window, .output]) : .roles([.output, .window])
    let layout = try ParameterLayout(tensors.map { ($0.0, $0.1, $0.0 == "depthwise" ? depthwise : axes) })
    let n = layout.parameterCount
    let a = randomSymmetricRows(n, seed: 6, shift: 3)
    // Which elements share a window.
    func key(_ block: ParameterLayout.Block, _ i: Int) -> [Int] {
      var (rest, index) = (i, [Int]())
      for extent in block.shape.reversed() {
        index.insert(rest % extent, at: 0)
        rest /= extent
      }
      return zip(index, block.axes).filter { $0.1 != .window }.map(\.0)
    }
    var keys: [[Int]] = []
    for (number, block) in layout.blocks.enumerated() {
      for i in 0..<block.count { keys.append([number] + key(block, i)) }
    }
    var θ = ParameterVector<Float>(zeros: layout)
    var stream = RandomStream(seed: 5, name: "start")
    θ.fill { Float(stream.normal()) }
    let rule = AdaHessian<Float>(learningRate: 0.1, beta1: 0.8, beta2: 0.9, power: power, seed: 3)
    var optimizer = try Optimizer(rule, for: θ)
    var (m, v) = ([Double](repeating: 0, count: n), [Double](repeating: 0, count: n))
    for t in 1...8 {
      let x = θ.values.map { Double($0) }
      let probe: ParameterVector<Double> = Probe(distribution: .rademacher, name: "adahessian", seed: 3).vector(
        layout, at: t)
      let z = probe.values
      let magnitudes = (0..<n).map { abs(z[$0] * dot(a[$0], z)) }
      try optimizer.step(&θ, on: bowl(layout, a))
      for i in 0..<n {
        let window = (0..<n).filter { keys[$0] == keys[i] }
        let d = window.reduce(0) { $0 + magnitudes[$1] } / Double(window.count)
        m[i] = 0.8 * m[i] + 0.2 * dot(a[i], x)
        v[i] = 0.9 * v[i] + 0.1 * d * d
        let root = (v[i] / (1 - Double.pow(0.9, t))).squareRoot()
        let step = 0.1 * m[i] / (1 - Double.pow(0.8, t)) / (Double.pow(root, power) + 1e-4)
        #expect(abs(Double(θ.values[i]) - (x[i] - step)) < 1e-6 * (1 + abs(step)), "\(t) \(i)")
      }
    }
  }

  @Test func withoutAveragingEveryElementHasItsOwn() throws {
    let layout = try ParameterLayout([("kernel", [3, 3, 1, 2])])
    let a = randomSymmetricRows(18, seed: 6, shift: 3)
    var θ = ParameterVector<Float>(zeros: layout)
    θ.fill { 1 }
    var optimizer = try Optimizer(AdaHessian<Float>(averagesKernels: false), for: θ)
    try optimizer.step(&θ, on: bowl(layout, a))
    let v = try optimizer.slot("adahessian/v").values
    #expect(Set(v).count == 18)
    var averaged = try Optimizer(AdaHessian<Float>(), for: θ)
    try averaged.step(&θ, on: bowl(layout, a))
    #expect(Set(try averaged.slot("adahessian/v").values).count == 2)
  }

  @Test func itGoesOnFromACheckpoint() throws {
    let layout = try ParameterLayout([("kernel", [3, 3, 1, 2])])
    let a = randomSymmetricRows(18, seed: 6, shift: 8)
    var start = ParameterVector<Float>(zeros: layout)
    start.fill { 1 }
    func make(_ seed: Int) throws -> Optimizer<AdaHessian<Float>> {
      try Optimizer(AdaHessian<Float>(seed: seed), for: start)
    }
    #expect(try resumesExactly(make(1), remake: { try make(2) }, from: start, steps: 9, on: bowl(layout, a)))
  }

  @Test func itStaysFinite() throws {
    for size in [0, .leastNonzeroMagnitude, 1e30, Float.greatestFiniteMagnitude] {
      for curvature in [0, .leastNonzeroMagnitude, Float.greatestFiniteMagnitude] {
        let slope = CurvedObjective<Float> { _, g in
          try g.assign([size, -size, 0.1], to: "x")
          return 0
        } hessian: { _, v, product in
          product = v
          product.scale(by: -curvature)
        }
        var θ = try ParameterVector([1, 2, 3] as [Float])
        var optimizer = try Optimizer(AdaHessian<Float>(), for: θ)
        for _ in 0..<3 { try optimizer.step(&θ, on: slope) }
        #expect(θ.firstNonFiniteBlock == nil)
        for slot in optimizer.slots { #expect(try optimizer.slot(slot).firstNonFiniteBlock == nil) }
      }
    }
  }
}
