import Descent

/// Times cases here, in PyTorch and as their floors, in turn, round by round. So other work of the machine affects all
/// sides alike.
public struct PeerComparison {
  /// Rounds for each case.
  public var rounds: Int
  /// Seconds for each side in each round.
  public var seconds: Double
  /// Whether `torch.compile` is tried too.
  public var compiles: Bool
  private let peer: TorchPeer?

  public init(rounds: Int, seconds: Double, compiles: Bool, peer: TorchPeer?) {
    self.rounds = rounds
    self.seconds = seconds
    self.compiles = compiles
    self.peer = peer
  }

  /// Steps before the first round, in which the state is made, pages are mapped and caches are filled.
  private static let warmUp = 5
  /// The longest wait for PyTorch, in seconds. Compiling may take minutes for each setting.
  private static let patience = 600.0

  /// - Throws: An error of our own side. PyTorch's errors are in the result.
  public func run(_ one: BenchmarkCase) throws -> CaseResult {
    var result = CaseResult(one)
    var sides = try Self.ourSides(one)
    for _ in 0..<Self.warmUp { for side in sides { try side.step() } }
    let seconds = seconds
    var theirs: [(name: CaseResult.Side, measure: () throws -> Double)] = []
    if let peer, let request = Self.request(for: one, compiles: compiles) {
      do throws(TorchError) {
        let answer = try peer.ask(request, timeout: Self.patience)
        result.setting = answer.setting
        result.tried = answer.tried ?? [:]
        result.refused = answer.refused ?? [:]
        for side in [CaseResult.Side.eager] + (answer.compiled == true ? [.compiled] : []) {
          theirs.append(
            (
              side,
              {
                let request = TorchPeer.Request(do: "measure", side: side.rawValue, seconds: seconds)
                return try peer.ask(request, timeout: Self.patience).seconds ?? .nan
              }
            ))
        }
      } catch {
        result.refused["torch"] = error.description
      }
    }
    let ours = sides.map { side in (name: side.name, measure: { try Stopwatch.secondsPerRun(for: seconds, side.step) })
    }
    let all = ours + theirs
    for round in 0..<rounds {
      // Each round begins with another side.
      for i in all.indices {
        let (name, measure) = all[(i + round) % all.count]
        do {
          result.seconds[name, default: []].append(try measure())
        } catch let error as TorchError {
          result.seconds[name, default: []].append(.nan)
          result.refused[name.rawValue] = error.description
        }
      }
    }
    if !theirs.isEmpty { _ = try? peer?.ask(TorchPeer.Request(do: "finish"), timeout: Self.patience) }
    sides = []
    return result
  }

  private typealias OurSide = (name: CaseResult.Side, step: () throws -> Void)

  private static func ourSides(_ one: BenchmarkCase) throws -> [OurSide] {
    switch (one.work, one.plain) {
    case (.step(let step), .step(let plain)):
      return [(.ours, try OptimizerWorkload(step).step), (.plain, try OptimizerWorkload(plain).step)]
    case (.training(let step), .training(let plain)):
      return [(.ours, try TrainingWorkload(step).step), (.plain, try TrainingWorkload(plain).step)]
    case (.step(let step), _):
      let workload = try OptimizerWorkload(step)
      guard let slots = try OptimizerWorkload.slots(of: step) else { return [(.ours, workload.step)] }
      let floor = StepFloor(
        parameters: step.parameters, slots: slots, threads: step.threads, readsGradientTwice: step.clipNorm != nil)
      return [(.ours, workload.step), (.floor, floor.step)]
    case (.training(let step), _):
      let workload = try TrainingWorkload(step)
      guard let floor = try TrainingWorkload.floor(of: step) else { return [(.ours, workload.step)] }
      return [(.ours, workload.step), (.floor, floor.step)]
    }
  }

  private static func request(for one: BenchmarkCase, compiles: Bool) -> TorchPeer.Request? {
    guard let name = one.peer else { return nil }
    var request = TorchPeer.Request(do: "prepare", compile: compiles)
    switch one.work {
    case .step(let step):
      (request.work, request.method, request.parameters, request.threads) = (
        "step", name, step.parameters, step.threads
      )
    case .training(let step):
      (request.work, request.model, request.batch, request.threads) = ("train", name, step.batch, step.threads)
    }
    return request
  }
}

/// The times of one case.
public struct CaseResult: Sendable {
  public enum Side: String, Sendable { case ours, plain, floor, eager, compiled }

  public let work: BenchmarkCase
  /// The seconds per step in each round; NaN for a round that failed.
  public var seconds: [Side: [Double]] = [:]
  /// PyTorch's fastest setting without `torch.compile`.
  public var setting: String?
  /// The seconds per step of each setting that was tried.
  public var tried: [String: Double] = [:]
  /// Settings that do not work here, with the reason.
  public var refused: [String: String] = [:]

  public init(_ work: BenchmarkCase) { self.work = work }

  /// The median of the rounds, in the unit of the work; nil if there are none.
  func time(_ side: Side) -> Double? {
    let times = (seconds[side] ?? []).filter(\.isFinite)
    return median(of: times).map(work.inUnit)
  }

  /// Our time divided by another side's.
  public func ratio(to side: Side) -> Ratio? { Ratio(seconds[.ours] ?? [], over: seconds[side] ?? []) }

  /// The side to which the target refers: the faster side of PyTorch, or our plain form.
  public var fasterPeer: Side? {
    [Side.eager, .compiled, .plain].filter { time($0) != nil }.min { time($0)! < time($1)! }
  }

  /// Whether every target that could be measured is met; nil if none could.
  public var isMet: Bool? {
    let peer = work.target.flatMap { target in fasterPeer.flatMap(ratio(to:)).map { $0.median <= target } }
    let floor = work.floorTarget.flatMap { target in ratio(to: .floor).map { $0.median <= target } }
    switch (peer, floor) {
    case (nil, nil): return nil
    default: return (peer ?? true) && (floor ?? true)
    }
  }

  /// A line for the terminal.
  public var line: String {
    var parts: [String] = []
    if let time = time(.ours) { parts.append("\(measured(time)) \(work.unit)") }
    for (side, name) in [
      (Side.eager, "torch \(setting ?? "")"), (.compiled, "torch.compile"), (.plain, "plain"), (.floor, "floor"),
    ] {
      guard let time = time(side), let ratio = ratio(to: side) else { continue }
      parts.append("\(name) \(measured(time)): \(Ratio.text(ratio.median)) (\(ratio.spread))")
    }
    if let isMet { parts.append(isMet ? "met" : "missed") }
    return parts.joined(separator: "; ")
  }
}

extension BenchmarkCase {
  /// The unit of its times.
  var unit: String {
    switch work {
    case .step: "ns/parameter"
    case .training: "ms/step"
    }
  }
}
