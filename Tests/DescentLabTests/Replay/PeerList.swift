import Descent
import DescentCatalogue
import Testing

/// An optimizer of torch or optax, and the method here that gives the same numbers.
struct Peer: Sendable, CustomTestStringConvertible {
  /// The peer's name in the fixture, whose metadata holds the expression that made the peer.
  let name: String
  /// The method here, as the command line takes it.
  let spec: String
  var composition = Method.Composition()
  var transforms: [Transform] = []
  /// Which extents the peer takes as inputs and which as outputs.
  var axes = ParameterAxes.outputsLast
  /// How much the two may differ, as a share of the distance that an element has moved.
  var tolerance = 1e-12
  /// Whether the catalogue names the peer; it does not if the two agree only by a choice of options.
  var isNamed = true

  enum Transform: Sendable { case clip(Double), accumulate(Int), centralize, adaptiveClip(Double) }

  init(_ name: String, _ spec: String) {
    self.name = name
    self.spec = spec
  }

  var testDescription: String { "\(name) is \(spec)" }

  func decayed(_ λ: Double) -> Peer { with { $0.composition.decay = λ } }
  func lookingAhead(every period: Int) -> Peer { with { $0.composition.lookahead = .init(period: period) } }
  func penalized(_ λ: Double) -> Peer { with { $0.composition.penalty = λ } }
  func transformed(_ transform: Transform) -> Peer { with { $0.transforms.append(transform) } }
  func declaring(_ axes: ParameterAxes) -> Peer { with { $0.axes = axes } }
  func within(_ tolerance: Double) -> Peer { with { $0.tolerance = tolerance } }

  /// The peer, marked as one that the catalogue does not name.
  func byChance() -> Peer { with { $0.isNamed = false } }

  private func with(_ change: (inout Peer) -> Void) -> Peer {
    var peer = self
    change(&peer)
    return peer
  }
}

extension Peer {
  /// The peers whose numbers equal ours.
  static let same: [Peer] = [
    Peer("torch-sgd", "sgd:lr=0.05"),
    Peer("torch-sgd-momentum", "momentum:lr=0.05,momentum=0.9,ratePlacement=outside"),
    Peer("torch-sgd-dampening", "momentum:lr=0.05,momentum=0.9,dampening=0.3,ratePlacement=outside"),
    Peer("torch-sgd-nesterov", "nesterov:lr=0.05,momentum=0.9,ratePlacement=outside"),
    Peer("torch-sgd-decay", "momentum:lr=0.05,momentum=0.9,ratePlacement=outside").penalized(0.1),
    Peer("torch-adagrad", "adagrad:lr=0.1"),
    Peer("torch-adagrad-options", "adagrad:lr=inversetime(0.1,decay=0.05),initialAccumulator=0.1,eps=1e-6"),
    Peer("torch-rmsprop", "rmsprop:lr=0.02,rho=0.99"),
    Peer("torch-rmsprop-momentum", "rmsprop:lr=0.02,rho=0.9,momentum=0.8,ratePlacement=outside"),
    Peer("torch-rmsprop-centered", "rmsprop:centered=true,lr=0.02,rho=0.9,eps=1e-4"),
    Peer(
      "torch-rmsprop-centered-momentum",
      "rmsprop:centered=true,lr=0.02,rho=0.9,eps=1e-4,momentum=0.8,ratePlacement=outside"),
    Peer("torch-adadelta", "adadelta:rho=0.9"),
    Peer("torch-adadelta-options", "adadelta:lr=0.5,rho=0.95,eps=1e-5"),
    Peer("torch-adam", "adam:lr=0.02"),
    Peer("torch-adam-options", "adam:lr=0.02,beta1=0.8,beta2=0.97,eps=1e-4"),
    Peer("torch-adam-decay", "adam:lr=0.02").penalized(0.1),
    Peer("torch-adam-amsgrad", "amsgrad:lr=0.02,beta1=0.9,beta2=0.9,eps=1e-8,correction=afterMaximum"),
    Peer("torch-adamw", "adamw:lr=0.02,weightDecay=0.1,decayCoupling=learningRate"),
    Peer("torch-adamax", "adamax:lr=0.02,beta2=0.95,eps=1e-8"),
    Peer("torch-nadam", "nadam:form=scheduled,lr=0.02,momentumDecay=0.004"),
    Peer("torch-nadam-decay", "nadam:form=scheduled,lr=0.02,momentumDecay=0.05").decayed(0.1),
    // ρ is a difference of numbers hundreds of times as large; ours is exact.
    Peer("torch-radam", "radam:lr=0.02,eps=1e-8,epsilonForm=hat,threshold=five").within(1e-11),
    Peer("torch-radam-decay", "radam:lr=0.02,eps=1e-8,epsilonForm=hat,threshold=five").decayed(0.1).within(1e-11),
    Peer("torch-rprop", "rprop:lr=0.02"),
    Peer("torch-rprop-options", "rprop:lr=0.02,decrease=0.7,increase=1.1,smallestStep=0.01,largestStep=0.05"),
    Peer("torch-asgd", "asgd:lr=0.05,lambda=0.1,power=0.6,averageAfter=10"),
    Peer("torch-asgd.evaluated", "asgd:lr=0.05,lambda=0.1,power=0.6,averageAfter=10"),
    Peer("torch-adafactor", "adafactor:lr=0.01,epsilonForm=floor,epsilon1=2.220446049250313e-16"),
    Peer(
      "torch-adafactor-options",
      "adafactor:lr=0.05,decayExponent=0.6,epsilon2=0.5,clipThreshold=1.5,epsilonForm=floor,epsilon1=2.220446049250313e-16"
    ),

    Peer("optax-sgd", "sgd:lr=0.05"),
    Peer("optax-sgd-momentum", "momentum:lr=0.05,momentum=0.9,ratePlacement=outside"),
    Peer("optax-sgd-nesterov", "nesterov:lr=0.05,momentum=0.9,ratePlacement=outside"),
    Peer("optax-sgd-schedule", "momentum:lr=cosine(0.05,over=40),momentum=0.9,ratePlacement=outside"),
    Peer("optax-adagrad", "adagrad:lr=0.1,eps=0,epsilonRoot=1e-7,initialAccumulator=0.1"),
    Peer("optax-rmsprop", "rmsprop:lr=0.02,rho=0.9,eps=0,epsilonRoot=1e-8"),
    Peer("optax-rmsprop-outside", "rmsprop:lr=0.02,rho=0.95,eps=1e-4,initialSecondMoment=1"),
    Peer("optax-rmsprop-corrected", "adam:lr=0.02,beta1=0,beta2=0.9,eps=0,epsilonRoot=1e-8").byChance(),
    Peer("optax-rmsprop-momentum", "rmsprop:lr=0.02,momentum=0.8,eps=0,epsilonRoot=1e-6"),
    Peer("optax-rmsprop-centered", "rmsprop:centered=true,lr=0.02,eps=0,epsilonRoot=1e-4"),
    Peer("optax-adadelta", "adadelta:lr=0.5,rho=0.9,eps=1e-6"),
    Peer("optax-adam", "adam:lr=0.02"),
    Peer("optax-adam-schedule", "adam:lr=cosine(0.02,over=40)"),
    Peer("optax-adam-root", "adam:lr=0.02,eps=1e-5,epsilonRoot=1e-6"),
    Peer("optax-adamw", "adamw:lr=0.02,weightDecay=0.1,decayCoupling=learningRate"),
    Peer("optax-amsgrad", "amsgrad:lr=0.02,beta2=0.9,eps=1e-8,correction=beforeMaximum"),
    Peer("optax-amsgrad-paper", "amsgrad:lr=0.02,beta2=0.9,eps=1e-12"),
    Peer("optax-adamax", "adamax:lr=0.02,beta2=0.95,eps=1e-8"),
    Peer("optax-adamaxw", "adamax:lr=0.02,beta2=0.95,eps=1e-8").decayed(0.1),
    Peer("optax-adam-nesterov", "nadam:form=simple,lr=0.02"),
    Peer("optax-nadam", "nadam:form=simple,lr=0.02,beta1=0.8"),
    Peer("optax-nadamw", "nadam:form=simple,lr=0.02").decayed(0.1),
    Peer("optax-radam", "radam:lr=0.02,eps=1e-8,epsilonForm=corrected,threshold=five").within(1e-11),
    Peer("optax-radam-four", "radam:lr=0.02,eps=1e-8,epsilonForm=corrected,threshold=four").within(1e-11),
    Peer("optax-adabelief", "adabelief:lr=0.02,eps=1e-16,epsilonState=1e-16"),
    Peer("optax-adabelief-options", "adabelief:lr=0.02,beta1=0.8,eps=1e-5,epsilonState=1e-6"),
    Peer("optax-yogi-zero", "yogi:lr=0.02,eps=1e-3,initialSecondMoment=0,biasCorrection=true"),
    Peer("optax-adan-half", "adan:lr=0.02,beta2=0.5,start=corrected").byChance(),
    Peer("optax-ademamix", "ademamix:lr=0.02,beta3=0.999,alpha=5"),
    Peer("optax-adopt", "adopt:lr=0.02"),
    Peer("optax-adopt-unclipped", "adopt:lr=0.02,clips=false"),
    Peer(
      "optax-muon-plain",
      "muon:lr=0.02,momentum=0.9,nesterov=false,eps=1e-30,adamLearningRate=0.02,adamBeta2=0.999,adamEpsilon=1e-30"
    )
    // MuonDimensionNumbers(1, 0): the peer sums over the second extent, and the first counts outputs.
    .declaring(.outputsFirst),
    Peer("optax-lion", "lion:lr=0.02").decayed(0.1),
    Peer("optax-lamb", "lamb:lr=0.02,eps=1e-6,weightDecay=0.1,normBound=0"),
    Peer(
      "optax-lars", "lars:lr=0.5,momentum=0.9,weightDecay=0.1,trustCoefficient=0.05,denominator=normOfSum"),
    Peer("optax-novograd", "novograd:lr=0.02,beta1=0.9,beta2=0.25,eps=1e-6,weightDecay=0"),
    Peer("optax-novograd-decay", "novograd:lr=0.02,beta1=0.95,beta2=0.98,eps=1e-8,weightDecay=0.1"),
    Peer("optax-sm3", "sm3:lr=0.1,momentum=0.9,epsilonRoot=1e-8"),
    Peer("optax-sm3-plain", "sm3:lr=0.1,momentum=0,epsilonRoot=1e-8"),
    // β̂₂ in float32.
    Peer("optax-adafactor", "adafactor:lr=0.05,relativeStep=false,minimumDimension=1").within(1e-5),
    Peer("optax-adafactor-exact", "adafactor:lr=0.05,relativeStep=false,minimumDimension=1").byChance(),
    Peer("optax-adafactor-momentum", "adafactor:lr=0.05,relativeStep=false,minimumDimension=1,momentum=0.9").within(
      1e-5),
    Peer("optax-signsgd", "signsgd:lr=0.02"),
    Peer("optax-signum", "signum:lr=0.02,beta=0.9"),
    // ε is added to the rate too, and √t is in float32.
    Peer("optax-madgrad", "madgrad:lr=0.020001,momentum=0.9,eps=1e-6").within(1e-6),
    Peer("optax-prodigy", "prodigy:lr=0.1,initialDistance=1e-3,biasCorrection=true,growthRate=0"),
    Peer("optax-dadaptadam", "dadaptadam:lr=0.1,initialDistance=1e-3,biasCorrection=true,growthRate=0"),
    Peer("optax-schedulefree-sgd", "schedulefreesgd:lr=0.05"),
    Peer("optax-schedulefree-sgd.evaluated", "schedulefreesgd:lr=0.05"),
    Peer("optax-schedulefree-adamw", "schedulefreeadamw:lr=0.02,weightDecay=0"),
    Peer("optax-schedulefree-adamw.evaluated", "schedulefreeadamw:lr=0.02,weightDecay=0"),
    Peer("optax-schedulefree-decay", "schedulefreeadamw:lr=0.02,beta1=0.8,beta2=0.95,weightDecay=0.1,decayPoint=y"),
    Peer("optax-lookahead", "adam:lr=0.02").lookingAhead(every: 6),
    Peer("optax-clip", "adam:lr=0.02").transformed(.clip(3)),
    // optax takes a matrix's last dimension as outputs when it clips, and the first when it centralizes.
    Peer("optax-adaptive-clip", "sgd:lr=0.05").transformed(.adaptiveClip(0.1)),
    Peer("optax-centralize", "sgd:lr=0.05").transformed(.centralize).declaring(.outputsFirst),
    Peer("optax-accumulate", "adam:lr=0.02").transformed(.accumulate(4)),
  ]

  /// The peers whose numbers differ from ours, with the reason.
  static let different = [
    "optax-acprop": "its prediction error is that of the old mean (PeerTests.acProp)",
    "optax-adan": "weighs differences with 1 − β₂ where the authors have β₂ (PeerTests.adanWeighsDifferencesWithβ2)",
    "optax-yogi": "m starts from 1e-6, not 0 (PeerTests.yogiMovesNothingWithoutAGradient)",
    "optax-lookahead.evaluated": "its slow weights, which are state here",
    "optax-muon": "looks ahead with other bias corrections from the second step on (PeerTests.muonsFirstStepIsOptaxs)",
    "optax-rmsprop-nesterov": "there is no such method here",
    "optax-rprop": "makes each step one step late (PeerTests.rpropStepsAtOnce)",
    "optax-schedulefree-decay.evaluated": "θ is compared",
    "optax-schedulefree-warmup": "steps with the rate of t − 1, which is 0 at first, and weighs with that of t",
    "optax-schedulefree-warmup.evaluated": "the same",
    "torch-adafactor-decay": "decays θ after its root mean square was taken",
  ]
}
