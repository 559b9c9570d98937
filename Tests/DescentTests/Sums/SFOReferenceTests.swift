import RealModule
import Testing

@testable import Descent

/// Our SFO against the authors' code, on a problem with a single random choice. `Scripts/sfo-reference.py`
/// printed the numbers.
@Suite struct SFOReferenceTests {
  static let centre = [[1.0, -1, 0.5, 2], [-0.5, 1.5, 1, -1]]
  static let scale = [[1.0, 3, 0.5, 2], [2.0, 0.3, 1, 4]]
  static let coupling = [[1.0, 0.5, -1, 0.25], [0.5, -1, 0.25, 1]]

  /// θ after step t; the method begins with the first term.
  static let path: [(t: Int, θ: [Double])] = [
    (1, [1.7007929542885238, 0.5681569682324967, -0.7964132664928159, 0.5725868645828065]),
    (2, [1.5711219665824703, 0.3901111834011468, -0.7108117997036975, 0.6337346363737604]),
    (3, [0.6864476005054964, -0.0777180344375012, -0.3586152836830305, 0.06998824823739414]),
    (4, [0.02999600870071062, -0.7000654743198946, 0.028358986031459865, -0.0007713690178362681]),
    (5, [-0.1724485825112047, -0.7133937254657841, -0.025833185900462935, -0.1596149701020852]),
    (6, [-0.15878577135975208, -0.750883930821819, -0.06560540548406786, -0.21849816391604593]),
    (7, [-0.2022747969770814, -0.7665738743915049, -0.14503868410135318, -0.22396081032457452]),
    (8, [-0.21735232468339508, -0.7953115016390024, -0.1713658270220247, -0.1942054141398274]),
    (9, [-0.22743825841574253, -0.7723468808151938, -0.18445285108379075, -0.18876105183104017]),
    (10, [-0.21094463906473288, -0.7735406948425891, -0.17197215185293746, -0.2018023839113249]),
    (11, [-0.20968740286331017, -0.7779737682183688, -0.16966732453035538, -0.20175976407032079]),
    (12, [-0.21107556683935833, -0.7760980650807539, -0.16986655670886588, -0.20189761087989797]),
    (15, [-0.21110039436603098, -0.7763395413782058, -0.16996163282209042, -0.2017745477144531]),
    (20, [-0.21110758035868266, -0.7763323568530388, -0.16995226718481798, -0.20176953332404515]),
    (25, [-0.21110756306456754, -0.7763323392091456, -0.16995223203860998, -0.20176953549619372]),
    (30, [-0.21110755633822514, -0.7763323354636165, -0.1699522290956829, -0.20176952983346388]),
    (40, [-0.21110755633822406, -0.7763323354636164, -0.16995222909568208, -0.20176952983346563]),
  ]

  private var sum: ClosureSum<Double> {
    get throws {
      try ClosureSum(count: 2, dimension: 4) { i, x, gradient in
        var product = 0.0
        for j in 0..<4 { product += Self.coupling[i][j] * x[j] }
        var value = 0.5 * product * product + (i == 0 ? 0 : -30)
        for j in 0..<4 {
          let step = x[j] - Self.centre[i][j]
          let growth = Double.exp(0.5 * x[j])
          value += 0.5 * Self.scale[i][j] * step * step + growth
          gradient[j] += Self.scale[i][j] * step + 0.5 * growth + product * Self.coupling[i][j]
        }
        return value
      }
    }
  }

  @Test func followsTheAuthorsCode() throws {
    let method = SFO<Double>(subfunctions: 2, initialHessian: 10, selection: .total)
    // A seed that begins with the first term.
    let seed = try #require(
      try (0..<50 as Range<UInt64>).first { seed in
        let objective = try CountedSum(sum)
        var state = try method.start(at: ParameterVector([2, 1, -1, 0.5]), count: 2, seed: seed)
        try method.step(&state, on: objective)
        return state.subfunctions[state.evaluated].terms == [0]
      })
    var path: [[Double]] = []
    try run(method, on: try sum, from: [2, 1, -1, 0.5], steps: 40, seed: seed) { _, after in
      path.append(after.parameters.values)
      #expect(!after.isStepFailed)
    }
    for (t, θ) in Self.path {
      #expect(distance(path[t - 1], θ) < 1e-7, "step \(t): \(path[t - 1]), not \(θ)")
    }
  }
}
