import Descent
import DescentData
import DescentLab
import DescentNetworks

/// The loss of a network as a finite sum, for methods that minimize such sums. Each term is the loss of a mini-batch,
/// which stays the same, with the penalty ½ λ ‖θ‖².
final class NetworkSum: FiniteSum {
  let layout: ParameterLayout
  private let model: any Model
  private let batches: [Batch]
  private let penalty: Double
  private let engine: Engine
  /// The stream for the dropout of evaluations. With dropout the loss is not a sum of functions of θ; experiments may
  /// want to show just that.
  private var noise = RandomStream(seed: 1, name: "noise")
  private var evaluations: UInt64 = 0
  private var weights: ParameterVector<Float>
  private var weightsGradient: ParameterVector<Float>

  var count: Int { batches.count }

  init(_ plan: RunPlan, terms: Int, penalty: Double) {
    model = plan.model
    layout = model.layout
    self.penalty = penalty
    engine = Engine(threadCount: plan.configuration.threads)
    let size = (plan.dataset.train.count + terms - 1) / terms
    batches = Array(BatchSequence(plan.dataset.train, batchSize: size, order: .shuffled(seed: 1), epoch: 0))
    weights = ParameterVector(zeros: layout)
    weightsGradient = ParameterVector(zeros: layout)
  }

  func value(
    at θ: ParameterVector<Double>, of terms: [Int], gradient: inout ParameterVector<Double>
  ) throws -> Double {
    assign(θ)
    var loss = 0.0
    let share = 1 / Double(terms.count)
    gradient = θ
    gradient.withUnsafeMutableElements { g in for i in g.indices { g[i] *= penalty } }
    for term in terms {
      evaluations += 1
      let result = try engine.gradient(
        of: model, batches[term], at: weights, into: &weightsGradient, noise: noise.substream(evaluations))
      loss += share * result.loss
      weightsGradient.withUnsafeElements { w in
        gradient.withUnsafeMutableElements { g in for i in g.indices { g[i] += share * Double(w[i]) } }
      }
    }
    return loss + penaltyValue(θ)
  }

  /// The value of the terms, computed without dropout.
  func value(at θ: ParameterVector<Double>, of terms: [Int]) throws -> Double {
    assign(θ)
    let loss = try terms.reduce(0.0) { try $0 + engine.evaluate(model, batches[$1], at: weights).loss }
    return loss / Double(terms.count) + penaltyValue(θ)
  }

  func start(seed: UInt64) throws -> ParameterVector<Double> {
    var θ = ParameterVector<Double>(zeros: layout)
    model.initialParameters(seed: seed).withUnsafeElements { w in
      θ.withUnsafeMutableElements { x in for i in x.indices { x[i] = i < w.count ? Double(w[i]) : 0 } }
    }
    return θ
  }

  private func assign(_ θ: ParameterVector<Double>) {
    θ.withUnsafeElements { x in
      weights.withUnsafeMutableElements { w in for i in 0..<min(w.count, x.count) { w[i] = Float(x[i]) } }
    }
  }

  private func penaltyValue(_ θ: ParameterVector<Double>) -> Double {
    penalty == 0 ? 0 : penalty / 2 * θ.withUnsafeElements { $0.reduce(0) { $0 + $1 * $1 } }
  }
}
