/// Which subfunctions SFO has in use, and which it evaluates next.
extension SFOState {
  /// The subfunction that is evaluated next.
  mutating func choose(_ selection: SFO<Scalar>.Selection, stream: inout RandomStream) -> Int {
    let active = subfunctions.indices.filter { subfunctions[$0].isActive }
    // Evaluate it a second time at once, so that there is a difference to learn from.
    if let second = active.first(where: { subfunctions[$0].evaluationCount == 1 }) { return second }
    let new = active.filter { subfunctions[$0].evaluationCount == 0 }
    if !new.isEmpty { return new[stream.integer(below: new.count)] }
    switch selection {
    case .both: return farthest(active, isOwn: stream.next() >> 63 == 0, stream: &stream)
    case .total: return farthest(active, isOwn: false, stream: &stream)
    case .own: return farthest(active, isOwn: true, stream: &stream)
    case .random: return active[stream.integer(below: active.count)]
    case .cyclic:
      nextInCycle += 1
      return active[(nextInCycle - 1) % active.count]
    }
  }

  private mutating func farthest(_ active: [Int], isOwn: Bool, stream: inout RandomStream) -> Int {
    let steps = active.map { z.minus(subfunctions[$0].position) }
    let distances =
      isOwn ? zip(active, steps).map { subfunctions[$0].hessianSquare($1) } : Self.squares(wholeHessian, steps)
    let longest = distances.indices.max { distances[$0] < distances[$1] }!
    let inactive = subfunctions.indices.filter { !subfunctions[$0].isActive }
    // If all active ones were evaluated here already, an inactive one tells more.
    guard !isOwn, distances[longest] < 1e-12, !inactive.isEmpty else { return active[longest] }
    let j = inactive[stream.integer(below: inactive.count)]
    subfunctions[j].isActive = true
    return j
  }

  /// Adds a subfunction if the active ones tell too little: noisy gradients, a failed step, or no new one for long.
  mutating func grow(_ options: SFO<Scalar>, _ inverse: Cholesky, stream: inout RandomStream) {
    let active = subfunctions.filter(\.isActive)
    let count = Double(active.count)
    var mean = [Double](repeating: 0, count: z.count)
    for subfunction in active { mean.add(subfunction.gradient, times: 1 / count) }
    let power = inverse.inverseSquare(mean)
    let noise = active.reduce(0) { $0 + inverse.inverseSquare($1.gradient.minus(mean)) }
    let isNoisy = active.count > 1 && noise / count / (count - 1) >= power * options.gradientNoise
    let isDesirable = isNoisy || isStepFailed || stepsSinceGrowth > active.count
    stepsSinceGrowth += 1
    guard isDesirable, active.allSatisfy({ $0.evaluationCount >= 2 }) else { return }
    let inactive = subfunctions.indices.filter { !subfunctions[$0].isActive }
    guard !inactive.isEmpty else { return }
    subfunctions[inactive[stream.integer(below: inactive.count)]].isActive = true
    stepsSinceGrowth = 0
  }
}
