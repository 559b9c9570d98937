import Descent
import RealModule

/// Kinds of gradient sequence that exercise a rule: each gives the gradient of element `i` at step t.
enum GradientSequence: String, CaseIterable, Sendable {
  case noisy, scales, sparse, constant, alternating

  static let steps = 200
  /// Not a multiple of any lane.
  static let elements = 37

  /// Gradients of all steps, [steps][elements].
  func gradients<Scalar: LaneScalar>(_: Scalar.Type = Scalar.self, steps: Int = Self.steps) -> [[Scalar]] {
    var stream = RandomStream(seed: 7, name: rawValue)
    let offsets = (0..<Self.elements).map { _ in stream.normal() }
    return (1...steps).map { t in
      (0..<Self.elements).map { i in
        let value: Double =
          switch self {
          case .noisy: offsets[i] * 0.3 + stream.normal()
          case .scales: stream.normal() * Double.pow(10, Double(i % 11) - 6)
          case .sparse: stream.uniform() < 0.1 ? stream.normal() : 0
          case .constant: offsets[i]
          case .alternating: t % 2 == 0 ? offsets[i] : -offsets[i]
          }
        return Scalar(value)
      }
    }
  }
}
