import DescentCatalogue

/// A line of the comparison: work that is timed here, in PyTorch, and as its floor.
public struct BenchmarkCase: Sendable {
  public enum Work: Hashable, Sendable {
    case step(OptimizerStep)
    case training(TrainingStep)
  }

  /// Its title on the page.
  public let title: String
  public let work: Work
  /// Its name in PyTorch's script; nil if PyTorch has nothing like it.
  public let peer: String?
  /// The plain form of our own work with which this form is compared, if any.
  public let plain: Work?
  /// The target for our time divided by the time of PyTorch or of the plain form: at most this.
  public let target: Double?
  /// The target for our time divided by the time of the floor: at most this.
  public let floorTarget: Double?

  public init(
    _ title: String, _ work: Work, plain: Work? = nil, peer: String? = nil, target: Double? = nil,
    floorTarget: Double? = nil
  ) {
    self.plain = plain
    self.title = title
    self.work = work
    self.peer = peer
    self.target = target
    self.floorTarget = floorTarget
  }

  public var isTraining: Bool { if case .training = work { true } else { false } }

  /// `seconds` in the unit of the work: nanoseconds for each parameter, or milliseconds.
  func inUnit(_ seconds: Double) -> Double {
    switch work {
    case .step(let step): seconds * 1e9 / Double(step.parameters)
    case .training: seconds * 1e3
    }
  }
}

extension BenchmarkCase {
  /// Optimizers beside PyTorch's, in cache and in memory, on one thread.
  public static let steps: [BenchmarkCase] = {
    func cases(_ methods: [String], _ sizes: [(power: Int, target: Double)]) -> [BenchmarkCase] {
      methods.flatMap { method in
        sizes.map { size in
          BenchmarkCase(
            "\(method), \(powerOfTwo(size.power)) parameters",
            .step(OptimizerStep(method, parameters: 1 << size.power)), peer: method, target: size.target)
        }
      }
    }
    return cases(["adam", "adamw", "amsgrad"], [(16, 0.7), (20, 0.7), (25, 0.6)])
      + cases(["momentum", "adagrad"], [(16, 0.9), (20, 0.9), (25, 1)])
      + cases(
        ["adadelta", "rmsprop", "rmspropmomentum", "centeredrmsprop", "adamax", "nadam", "radam", "rprop"],
        [(25, 0.15)])
  }()

  /// Every element-wise rule that takes a decay, compared with its own memory traffic. Decay, clipping of each
  /// element and averaging are in the same pass. A few rules are also timed with the gradient's norm clipped, which
  /// reads the gradient once more.
  public static let compositions: [BenchmarkCase] = {
    let all = Catalogue.methods.filter { $0.kind == .element && $0.obstacleToMoving == nil }.map(\.name)
    let composed = all.map { composition("\($0):clip=1", "\($0), decay, clip, average") }
    let scaled = brief.map { composition($0, "\($0), decay, clip by norm, average", clipNorm: 1) }
    return composed + scaled
  }()

  /// The part of ``compositions`` for a quick comparison.
  public static let briefCompositions = compositions.filter { one in
    brief.contains { one.title.hasPrefix("\($0),") }
  }

  private static let brief = ["adadelta", "adam", "momentum"]

  private static func composition(_ optimizer: String, _ title: String, clipNorm: Double? = nil) -> BenchmarkCase {
    let step = OptimizerStep(
      optimizer, parameters: 1 << 25, average: "0.999", weightDecay: 0.01, clipNorm: clipNorm)
    return BenchmarkCase(title, .step(step), floorTarget: 1.15)
  }

  /// The papers' models, on `threads` threads.
  public static func trainings(threads: Int) -> [BenchmarkCase] {
    func model(_ title: String, _ model: String, peer: String, target: Double, isSparse: Bool = false) -> BenchmarkCase
    {
      let step = TrainingStep(model, threads: threads, isSparse: isSparse)
      return BenchmarkCase("\(title), batch \(step.batch)", .training(step), peer: peer, target: target)
    }
    return [
      model("logistic regression 784-10", "logistic", peer: "logistic", target: 0.3),
      model("sparse logistic regression 10,000-2", "logistic", peer: "sparse-logistic", target: 0.3, isSparse: true),
      model("784-1000-1000-10", "mlp", peer: "mlp", target: 0.8),
      model("784-1000-1000-10, dropout 0.5", "mlp:dropout=0.5", peer: "mlp-dropout", target: 0.8),
      model("c64-c64-c128-1000 on 32×32×3", "cnn", peer: "cnn", target: 0.9),
      model("VAE 784-500-50", "vae", peer: "vae", target: 0.7),
    ]
  }

  /// Other forms of our own work: the state in fewer bytes, or each parameter stepped as soon as its gradient is
  /// complete.
  public static func variants(threads: Int) -> [BenchmarkCase] {
    func state(_ method: String, _ format: String, target: Double? = nil) -> BenchmarkCase {
      BenchmarkCase(
        "\(method), state in \(format), 2²⁵ parameters",
        .step(OptimizerStep("\(method):state=\(format)", parameters: 1 << 25)),
        plain: .step(OptimizerStep(method, parameters: 1 << 25)), target: target)
    }
    func inBackward(_ title: String, _ model: String) -> BenchmarkCase {
      BenchmarkCase(
        "\(title), updated in backward", .training(TrainingStep(model, threads: threads, updatesInBackward: true)),
        plain: .training(TrainingStep(model, threads: threads)))
    }
    return [
      state("adam", "block8", target: 0.75), state("adam", "bfloat16"), state("adamw", "block8"),
      state("adadelta", "block8"), state("momentum", "block8"),
      inBackward("784-1000-1000-10", "mlp"), inBackward("c64-c64-c128-1000", "cnn"),
      inBackward("VAE 784-500-50", "vae"),
    ]
  }

  /// "2²⁵".
  static func powerOfTwo(_ power: Int) -> String {
    let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
    return "2" + String(String(power).compactMap(\.wholeNumberValue).map { digits[$0] })
  }
}
