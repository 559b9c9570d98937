import Descent
import DescentNetworks

/// Measures what a step does to each parameter, every ``interval`` steps.
///
/// It changes no bit of the run: it only reads the run's numbers, and draws from separate streams.
struct Diagnostics {
  /// A step that is to be measured, with θ as it was before the step.
  struct Step {
    let parameters: ParameterVector<Float>
    /// The step's number t in the run, from 1.
    let number: Int
  }

  /// The number of steps between measurements.
  let interval: Int
  private let streams: RandomStream
  /// The gradients of a batch's halves. The memory is reused from step to step.
  private var halves: (first: ParameterVector<Float>, second: ParameterVector<Float>)

  init(interval: Int, layout: ParameterLayout, seed: UInt64) {
    self.interval = interval
    streams = RandomStream(seed: seed, name: "diagnostics")
    halves = (ParameterVector(zeros: layout), ParameterVector(zeros: layout))
  }

  /// Begins step number `number`, which starts at `θ`; returns nil if the step is not to be measured.
  func begin(_ number: Int, at θ: ParameterVector<Float>) -> Step? {
    number % interval == 0 ? Step(parameters: θ, number: number) : nil
  }

  /// Measures what the step did, for each parameter and then for all.
  ///
  /// - Parameters:
  ///   - step: The result of ``begin(_:at:)``.
  ///   - θ: The parameters after the step.
  ///   - gradient: The batch's gradient at the parameters before the step.
  ///   - epsilonShare: The optimizer's `EpsilonShare`.
  ///   - model: The model that is trained.
  ///   - batch: The step's batch.
  ///   - engine: Computes the gradients of the batch's halves.
  /// - Throws: `NetworkError`.
  mutating func measure(
    _ step: Step, after θ: ParameterVector<Float>, gradient: ParameterVector<Float>, epsilonShare: EpsilonShare?,
    _ model: any Model, _ batch: Batch, _ engine: Engine
  ) throws(NetworkError) -> [BlockDiagnostics] {
    let noises = try gradientNoise(of: model, batch, at: step, engine)
    let gradients = gradient.sumsOfSquaresByBlock()
    let parameters = step.parameters.sumsOfSquaresByBlock()
    let updates = θ.squaredDistancesByBlock(to: step.parameters)
    let blocks = θ.layout.blocks.enumerated().map { i, block in
      BlockDiagnostics(
        name: block.name, squaredGradient: gradients[i], squaredParameters: parameters[i], squaredUpdate: updates[i],
        elementCount: block.count, dominatedCount: epsilonShare?.counts[i], noise: noises?[i])
    }
    return blocks + [BlockDiagnostics.total(blocks)]
  }

  /// Signal and noise of each parameter's gradient; nil for a batch of one example.
  private mutating func gradientNoise(
    of model: any Model, _ batch: Batch, at step: Step, _ engine: Engine
  ) throws(NetworkError) -> [GradientNoise]? {
    guard let (first, second) = batch.halves else { return nil }
    let stream = streams.substream(UInt64(step.number))
    _ = try engine.gradient(
      of: model, first, at: step.parameters, into: &halves.first, noise: stream.substream(0))
    _ = try engine.gradient(
      of: model, second, at: step.parameters, into: &halves.second, noise: stream.substream(1))
    let dots = halves.first.dotsByBlock(halves.second)
    let distances = halves.first.squaredDistancesByBlock(to: halves.second)
    return zip(dots, distances).map {
      GradientNoise(dot: $0, squaredDistance: $1, counts: (first.count, second.count))
    }
  }
}

extension Batch {
  /// The first and the second half of the examples; nil if there is only one. If their number is odd, the second half
  /// has one more.
  var halves: (Batch, Batch)? {
    guard count > 1 else { return nil }
    return (part(0..<count / 2), part(count / 2..<count))
  }

  private func part(_ examples: Range<Int>) -> Batch {
    let labels = labels.isEmpty ? [] : Array(labels[examples])
    switch inputs {
    case .sparse(let rows): return Batch(inputs: .sparse(rows.rows(at: examples)), labels: labels)
    case .dense(let values, let shape):
      let size = values.count / count
      let part = values[examples.lowerBound * size..<examples.upperBound * size]
      return Batch(inputs: .dense(Array(part), shape: [examples.count] + shape.dropFirst()), labels: labels)
    }
  }
}
