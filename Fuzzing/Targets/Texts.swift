import Descent
import DescentLab

extension FuzzTarget {
  /// Texts that users type.
  static let texts = [options, search, schedule]

  private static let options = FuzzTarget(
    text: "options",
    seeds: [
      "adam", "adam:lr=cosine(0.1),beta2=0.99", "adam:lr=warmup(10,0.1),eps=1e-6",
      "sgd:lookahead=5,lookaheadRate=0.5,clip=1", "adam:centralize=true",
    ]
  ) { text in
    try RunReaders.readOptimizer(text)
  }

  private static let search = FuzzTarget(
    text: "search",
    seeds: [
      "log(1e-4,1e-1)", "warmup(100,cosine(log(1e-3,1e-1)))", "choice(1,2,x)", "int(1,10)", "lin(0.9,0.99,5)",
    ]
  ) { text in
    try RunReaders.readSearch(text)
  }

  private static let schedule = FuzzTarget(
    text: "schedule",
    seeds: [
      "0.001", "inversesqrt(0.1)", "inversepower(0.1, power=0.5)", "inversetime(0.1, decay=0.01, power=1)",
      "exponential(0.1, factor=0.9)", "halflife(0.9, to=0.99, over=100)", "polynomial(0.1, to=0, power=2, over=10)",
      "cosinerestarts(0.1, to=0, period=10, multiplier=2)", "piecewise(0.1, 10:0.01, 20:0.001)",
      "onecycle(0.1, over=100)", "warmup(100, cosine(0.1))", "joined(10:linear(0.1), 0.01)",
      "scaled(shifted(cosine(0.1), by=3), by=0.5)", "complement(0.1)",
    ]
  ) { text in
    let rate = try Schedule(text, steps: 1000)
    for t in [1, 2, 1000, 1 << 40] { _ = rate(at: t) }
    // The written text must be readable again.
    _ = try Schedule(rate.description)
  }
}
