import Descent
import DescentNetworks

/// Measures every so many steps what a step does to each parameter, without changing a bit of the run: it reads what the
/// run computes, and draws from streams of its own.
struct Diagnostics {
  /// A step that is to be measured, with θ as it was before it.
  struct Step {
    let parameters: ParameterVector<Float>
    /// t of the run, from 1.
    let number: Int
  }

  /// Steps from one measurement to the next.
  let interval: Int
  private let streams: RandomStream
  /// The gradients of a batch's halves; memory that is kept from step to step.
  private var halves: (first: ParameterVector<Float>, second: ParameterVector<Float>)

  init(interval: Int, layout: ParameterLayout, seed: UInt64) {
    self.interval = interval
    streams = RandomStream(seed: seed, name: "diagnostics")
    halves = (ParameterVector(zeros: layout), ParameterVector(zeros: layout))
  }

  /// The step number `number`, about to be made from `θ`; nil if it is not to be measured.
  func begin(_ number: Int, at θ: ParameterVector<Float>) -> Step? {
    number % interval == 0 ? Step(parameters: θ, number: number) : nil
  }

  /// What the step did, for each parameter and then for all.
  ///
  /// - Parameters:
  ///   - step: What ``begin(_:at:)`` gave.
  ///   - θ: The parameters after the step.
  ///   - gradient: Of the batch, at the parameters before the step.
  ///   - epsilonShare: The optimizer's.
  ///   - model: What is trained.
  ///   - batch: The step's.
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

  /// Signal and noise of each parameter's gradient; nil for a batch that has no halves.
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
  /// The first and the second half of the examples; nil if there is only one. Of an odd number, the second has one more.
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
