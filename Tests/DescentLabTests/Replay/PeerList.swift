import Descent
import DescentCatalogue
import Testing

/// An optimizer of torch or optax, and what gives the same numbers here.
struct Peer: Sendable, CustomTestStringConvertible {
  /// Its name in the fixture, whose metadata holds the expression that made it.
  let name: String
  /// The method here, as the command line takes it.
  let spec: String
  var additions = Method.Additions()
  var transforms: [Transform] = []
  /// How far apart the two may be, as a share of the way that an element has gone.
  var tolerance = 1e-12

  enum Transform: Sendable { case clip(Double), accumulate(Int) }

  init(_ name: String, _ spec: String) {
    self.name = name
    self.spec = spec
  }

  var testDescription: String { "\(name) is \(spec)" }

  func decayed(_ λ: Double) -> Peer { with { $0.additions.decay = λ } }
  func penalized(_ λ: Double) -> Peer { with { $0.additions.penalty = λ } }
  func transformed(_ transform: Transform) -> Peer { with { $0.transforms.append(transform) } }
  func within(_ tolerance: Double) -> Peer { with { $0.tolerance = tolerance } }

  private func with(_ change: (inout Peer) -> Void) -> Peer {
    var peer = self
    change(&peer)
    return peer
  }
}

extension Peer {
  /// The peers whose numbers are ours.
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
    Peer("torch-rprop", "rprop:lr=0.02"),
    Peer("torch-rprop-options", "rprop:lr=0.02,increase=1.1,decrease=0.7,smallestStep=0.01,largestStep=0.05"),
    Peer("torch-asgd", "asgd:lr=0.05,lambda=0.1,power=0.6,averageAfter=10"),
    Peer("torch-asgd.evaluated", "asgd:lr=0.05,lambda=0.1,power=0.6,averageAfter=10"),

    Peer("optax-sgd", "sgd:lr=0.05"),
    Peer("optax-sgd-momentum", "momentum:lr=0.05,momentum=0.9,ratePlacement=outside"),
    Peer("optax-sgd-nesterov", "nesterov:lr=0.05,momentum=0.9,ratePlacement=outside"),
    Peer("optax-sgd-schedule", "momentum:lr=cosine(0.05,over=40),momentum=0.9,ratePlacement=outside"),
    Peer("optax-adagrad", "adagrad:lr=0.1,eps=0,epsilonRoot=1e-7,initialAccumulator=0.1"),
    Peer("optax-rmsprop", "rmsprop:lr=0.02,rho=0.9,eps=0,epsilonRoot=1e-8"),
    Peer("optax-rmsprop-outside", "rmsprop:lr=0.02,rho=0.95,eps=1e-4,initialSecondMoment=1"),
    Peer("optax-rmsprop-corrected", "adam:lr=0.02,beta1=0,beta2=0.9,eps=0,epsilonRoot=1e-8"),
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
    Peer("optax-lion", "lion:lr=0.02").decayed(0.1),
    Peer("optax-signsgd", "signsgd:lr=0.02"),
    Peer("optax-signum", "signum:lr=0.02"),
    // optax adds ε to the rate, and has √t in float32.
    Peer("optax-madgrad", "madgrad:lr=0.020001").within(1e-6),
    Peer("optax-schedulefree-sgd", "schedulefreesgd:lr=0.05"),
    Peer("optax-schedulefree-sgd.evaluated", "schedulefreesgd:lr=0.05"),
    Peer("optax-schedulefree-adamw", "schedulefreeadamw:lr=0.02"),
    Peer("optax-schedulefree-adamw.evaluated", "schedulefreeadamw:lr=0.02"),
    Peer("optax-clip", "adam:lr=0.02").transformed(.clip(3)),
    Peer("optax-accumulate", "adam:lr=0.02").transformed(.accumulate(4)),
  ]
}
