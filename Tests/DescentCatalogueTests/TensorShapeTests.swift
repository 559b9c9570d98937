import Descent
import DescentCatalogue
import RealModule
import TestSupport
import Testing

/// Methods that read a parameter's shape, on shapes that the exactness tests do not have: four dimensions, rows of
/// several lanes with a rest, two largest dimensions that are not adjacent. They are compared with the same equations,
/// to a few units in the last place.
@Suite struct TensorShapeTests {
  private static let shapes = [[5, 2, 4, 3], [3, 2, 2, 18], [40, 35], [1, 9], [9, 1], [6, 5, 2]]

  private func expectEqual<Scalar: CheckedScalar>(
    _ method: String, _ options: KeyValuePairs<String, String> = [:], of _: Scalar.Type, steps: Int = 25,
    _ reference: TensorReference.Model<Scalar.Wider>
  ) throws {
    let layout = try ParameterLayout(Self.shapes.enumerated().map { ("p\($0.offset)", $0.element) })
    var stream = RandomStream(seed: 5, name: "shapes")
    func values() -> [[Scalar]] {
      layout.blocks.map { block in (0..<block.count).map { _ in Scalar(stream.normal()) } }
    }
    var θ = ParameterVector<Scalar>(zeros: layout)
    let start = values()
    for (block, values) in zip(layout.blocks, start) { try θ.assign(values, to: block.name) }
    let gradients = (0..<steps).map { _ in values() }
    let found = try Catalogue.method(named: method, settings: options.map { ($0.key, $0.value) })
    let path = try found.method.configured(found.settings).trajectory(gradients, from: θ)
    let exact = reference(
      gradients.map { $0.map { $0.map { Scalar.Wider($0) } } }, start.map { $0.map { Scalar.Wider($0) } }, Self.shapes)
    for t in 0..<steps {
      for (p, shape) in Self.shapes.enumerated() {
        let error = zip(path[t][p], exact[t][p]).map { abs(Scalar.Wider($0) - $1) }.max()!
        // θ is about 3 at most and rounded once a step.
        #expect(
          error <= Scalar.Wider(Scalar.ulpOfOne) * Scalar.Wider(2 * t + 8),
          "\(method) \(options), \(shape), t = \(t + 1)")
      }
    }
  }

  private func expectAllEqual<Scalar: CheckedScalar>(_: Scalar.Type) throws {
    typealias T = Scalar.Wider
    let w = { @Sendable (x: Double) in T(x) }
    func adafactor(
      _ axes: (@Sendable ([Int]) -> (rows: Int, columns: Int)?)? = nil
    ) -> TensorReference.Model<T> {
      var options = TensorReference.AdafactorOptions<T>(
        α: { _ in w(0.01) }, exponent: w(0.8), ε1: w(1e-30), ε2: w(1e-3))
      if let axes { options.axes = axes }
      return TensorReference.adafactor(options)
    }
    try expectEqual("adafactor", of: Scalar.self, adafactor())
    let largest: [[Int]: (rows: Int, columns: Int)] = [
      [5, 2, 4, 3]: (0, 2), [3, 2, 2, 18]: (0, 3), [40, 35]: (0, 1), [1, 9]: (0, 1), [9, 1]: (0, 1),
      [6, 5, 2]: (0, 1),
    ]
    try expectEqual("adafactor", ["factored": "largest"], of: Scalar.self, adafactor { largest[$0] })
    try expectEqual(
      "adafactor", ["factored": "largest", "minimumDimension": "5"], of: Scalar.self,
      adafactor { [[40, 35], [6, 5, 2]].contains($0) ? (0, 1) : nil })
    try expectEqual("sm3", of: Scalar.self, TensorReference.sm3(α: w(0.1), β: w(0.9)))
    try expectEqual("sm3", ["variant": "I"], of: Scalar.self, TensorReference.sm3(α: w(0.1), β: w(0.9), isFirst: true))
  }

  @Test func float() throws { try expectAllEqual(Float.self) }
  #if arch(x86_64) || arch(i386)
    @Test func double() throws { try expectAllEqual(Double.self) }
  #endif
}
