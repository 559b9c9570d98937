import Descent
import RealModule

/// Kinds of gradient sequence for testing a rule: each gives the gradient of element `i` at step t.
public enum GradientSequence: String, CaseIterable, Sendable {
  case noisy, scales, sparse, constant, alternating

  public static let steps = 200
  /// Not a multiple of any lane's length.
  public static let elements = 37

  /// Gradients of all steps, [steps][elements].
  public func gradients<Scalar: LaneScalar>(
    _: Scalar.Type = Scalar.self, steps: Int = Self.steps, elements: Int = Self.elements
  ) -> [[Scalar]] {
    var stream = RandomStream(seed: 7, name: rawValue)
    let offsets = (0..<elements).map { _ in stream.normal() }
    return (1...steps).map { t in
      (0..<elements).map { i in
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
