import Descent

extension Catalogue {
  typealias Quantizing =
    @Sendable (Method.Settings, Int?, Method.Composition, Method.StateFormat) throws(RuleError) -> ConfiguredMethod

  /// The methods that the catalogue offers with a quantized state, by name. Each has six passes, which take a second
  /// and a half to compile. A program can quantize any other itself: `Optimizer(rule.quantized(.block8), for: θ)`.
  static let quantized: [String: Quantizing] = Dictionary(
    uniqueKeysWithValues: [
      entry(Adam<Float>()), entry(AdamW<Float>()), entry(AMSGrad<Float>()), entry(Momentum<Float>()),
      entry(RMSProp<Float>()), entry(AdaDelta<Float>()), entry(AdaGrad<Float>()),
    ])

  @inline(__always)
  private static func entry<Rule: ElementRule<Float>>(_ rule: Rule) -> (String, Quantizing) {
    (
      Rule.name,
      { settings, steps, composition, format throws(RuleError) in
        let rule = try rule.with(settings, steps: steps)
        if composition == Method.Composition() { return try ConfiguredMethod(rule, quantized: format) }
        let modified = rule.modified(by: composition)
        guard let lookahead = composition.lookahead else { return try ConfiguredMethod(modified, quantized: format) }
        return try ConfiguredMethod(
          modified.lookingAhead(every: lookahead.period, rate: lookahead.rate), quantized: format)
      }
    )
  }
}

extension ConfiguredMethod {
  @inline(__always)
  fileprivate init<Rule: ElementRule<Float>>(_ rule: Rule, quantized format: Method.StateFormat) throws(RuleError) {
    try rule.validate()
    self.init(
      narrow: {
        switch format {
        case .block8: AnyOptimizer(try Optimizer(rule.quantized(.block8), for: $0, threads: $1))
        case .bfloat16: AnyOptimizer(try Optimizer(rule.quantized(.bfloat16), for: $0, threads: $1))
        }
      },
      wide: { _, _ in
        throw RuleError.cannotQuantize(rule: Rule.name, reason: "its parameters are in float64, for exactness")
      }, needs: rule.allNeeds,
      stateBytes: {
        let bytes =
          switch format {
          case .block8: Quantized<Rule, Block8>.stateBytesPerParameter
          case .bfloat16: Quantized<Rule, BFloat16>.stateBytesPerParameter
          }
        return bytes * Double($0.paddedCount)
      })
  }
}
