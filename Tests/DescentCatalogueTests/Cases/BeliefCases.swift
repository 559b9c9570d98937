import RealModule

/// Cases of the methods that rectify, center or inject.
func beliefCases<T: Real & BinaryFloatingPoint & Sendable>() -> [MethodCase<T>] {
  let w = { @Sendable (x: Double) in T(x) }
  let cosine = "cosine(0.1, to=0.01, over=150)"
  let cosineAt = Reference.cosine(from: w(0.1), to: w(0.01), over: 150)
  func options(_ change: (inout Reference.InjectionOptions<T>) -> Void = { _ in }) -> Reference.InjectionOptions<T> {
    var options = Reference.InjectionOptions<T>(α: { _ in w(1e-3) }, β1: w(0.9), β2: w(0.999), ε: w(1e-8))
    change(&options)
    return options
  }
  /// Injection with such small steps that the injected term stays below the gradient; otherwise rounding grows too.
  func injected(
    _ change: (inout Reference.InjectionOptions<T>) -> Void = { _ in }
  ) -> Reference.InjectionOptions<T> {
    options {
      $0.α = { _ in w(1e-4) }
      $0.k = 2
      change(&$0)
    }
  }
  return [
    MethodCase("radam", equations: Reference.rAdam(options { $0.ε = 0 }, above: 4)),
    MethodCase(
      "radam", ["threshold": "five", "epsilon": "1e-8", "epsilonForm": "hat", "beta1": "0.8", "beta2": "0.99"],
      equations: Reference.rAdam(
        options {
          $0.isHat = true
          $0.β1 = w(0.8)
          $0.β2 = w(0.99)
        }, above: 5)),
    MethodCase(
      "radam", ["threshold": "five", "epsilon": "1e-6", "fallback": "nothing", "lr": cosine],
      equations: Reference.rAdam(
        options {
          $0.α = cosineAt
          $0.ε = w(1e-6)
        }, above: 5, stepsBefore: false)),

    MethodCase("adabelief", equations: Reference.adaBelief(options(), εState: w(1e-8))),
    MethodCase(
      "adabelief", ["epsilon": "1e-16", "epsilonState": "1e-16", "rectify": "true"],
      equations: Reference.adaBelief(options { $0.ε = w(1e-16) }, εState: w(1e-16), rectifies: true)),
    MethodCase(
      "adabelief", ["lr": cosine, "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-6", "epsilonState": "0"],
      equations: Reference.adaBelief(
        options {
          $0.α = cosineAt
          $0.β1 = w(0.8)
          $0.β2 = w(0.99)
          $0.ε = w(1e-6)
        }, εState: 0)),

    MethodCase("diffgrad", equations: Reference.adamInject(options(), friction: true)),
    MethodCase(
      "diffgrad", ["lr": cosine, "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-6", "epsilonForm": "hat"],
      equations: Reference.adamInject(
        options {
          $0.α = cosineAt
          $0.β1 = w(0.8)
          $0.β2 = w(0.99)
          $0.ε = w(1e-6)
          $0.isHat = true
        }, friction: true)),

    MethodCase("adaminject", ["lr": "1e-4"], equations: Reference.adamInject(injected())),
    MethodCase(
      "adaminject",
      ["lr": "1e-4", "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-6", "epsilonForm": "hat", "divisor": "3"],
      equations: Reference.adamInject(
        injected {
          $0.β1 = w(0.8)
          $0.β2 = w(0.99)
          $0.ε = w(1e-6)
          $0.isHat = true
          $0.k = 3
        })),
    MethodCase("diffgradinject", ["lr": "1e-4"], equations: Reference.adamInject(injected(), friction: true)),
    MethodCase(
      "diffgradinject",
      ["lr": "1e-4", "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-6", "epsilonForm": "hat", "divisor": "3"],
      equations: Reference.adamInject(
        injected {
          $0.β1 = w(0.8)
          $0.β2 = w(0.99)
          $0.ε = w(1e-6)
          $0.isHat = true
          $0.k = 3
        }, friction: true)),
    MethodCase(
      "radaminject", ["lr": "1e-6"],
      equations: Reference.rAdam(
        injected {
          $0.α = { _ in w(1e-6) }
          $0.isHat = true
        }, above: 5)),
    MethodCase(
      "radaminject",
      [
        "lr": "1e-6", "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-6", "epsilonForm": "corrected", "divisor": "3",
        "threshold": "four", "injectionStart": "3",
      ],
      equations: Reference.rAdam(
        injected {
          $0.α = { _ in w(1e-6) }
          $0.β1 = w(0.8)
          $0.β2 = w(0.99)
          $0.ε = w(1e-6)
          $0.k = 3
          $0.start = 3
        }, above: 4)),
    MethodCase("adabeliefinject", ["lr": "1e-4"], equations: Reference.adaBelief(injected(), εState: w(1e-8))),
    MethodCase(
      "adabeliefinject",
      ["lr": "1e-4", "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-6", "epsilonState": "1e-12", "divisor": "3"],
      equations: Reference.adaBelief(
        injected {
          $0.β1 = w(0.8)
          $0.β2 = w(0.99)
          $0.ε = w(1e-6)
          $0.k = 3
        }, εState: w(1e-12))),

    MethodCase(
      "acprop", equations: Reference.acProp(α: { _ in w(1e-3) }, β1: w(0.9), β2: w(0.999), ε: w(1e-8), .paper)),
    MethodCase(
      "acprop", ["firstStep": "divided", "lr": cosine, "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-3"],
      equations: Reference.acProp(α: cosineAt, β1: w(0.8), β2: w(0.99), ε: w(1e-3), .paperLiterally)),
    MethodCase(
      "acprop", ["form": "official"],
      equations: Reference.acProp(α: { _ in w(1e-3) }, β1: w(0.9), β2: w(0.999), ε: w(1e-8), .official)),
    MethodCase(
      "acprop", ["form": "official", "momentumUpdate": "true", "epsilon": "1e-6"],
      equations: Reference.acProp(
        α: { _ in w(1e-3) }, β1: w(0.9), β2: w(0.999), ε: w(1e-6), .official, momentum: true)),
    MethodCase(
      "acprop", ["form": "rectified", "epsilon": "1e-6"],
      equations: Reference.acProp(α: { _ in w(1e-3) }, β1: w(0.9), β2: w(0.999), ε: w(1e-6), .rectified)),
  ]
}
