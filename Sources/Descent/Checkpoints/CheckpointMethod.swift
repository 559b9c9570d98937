#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension Checkpoint {
  /// The rule with its options and the groups, as they were saved.
  ///
  /// A program of version 0.1 wrote the options of compositions that were chosen by name in other shapes: see
  /// ``OptionsChain``. What such a checkpoint does not say about a composition, `own` says.
  func method<Rule: SteppingRule>(
    like own: Rule
  ) throws(CheckpointError) -> (rule: Rule, groups: [ParameterGroup<Rule>]) {
    if let rule: Rule = decoded(ruleOptions), let groups: [ParameterGroup<Rule>] = decoded(groups),
      !OptionsChain.isOld(decoded(ruleOptions))
    {
      return (rule, groups)
    }
    guard let options: JSON = decoded(ruleOptions), let groups: JSON = decoded(groups),
      let ownText = try? canonicalJSON(own), let ownOptions: JSON = decoded(ownText)
    else { throw .unreadableOptions(rule: Rule.name) }
    let depth = compositionDepth(of: Rule.self)
    let chain = OptionsChain(options)
    func translated<T: Decodable>(_ json: JSON?) -> T? {
      json.flatMap { try? canonicalJSON($0) }.flatMap { decoded($0) }
    }
    guard let rule: Rule = translated(chain.composed(like: ownOptions, depth: depth)) else {
      throw .unreadableOptions(rule: Rule.name)
    }
    var result: [ParameterGroup<Rule>] = []
    for group in groups.array + chain.groups {
      // The groups of a tensor rule had its options without the composition's.
      let own = OptionsChain(group["rule"], outer: group["rule"]?["base"] == nil ? chain.outer : [:])
      guard let rule: Rule = translated(own.composed(like: ownOptions, depth: depth)),
        let pattern: String = translated(group["pattern"]), let isFrozen: Bool = translated(group["isFrozen"])
      else { throw .unreadableOptions(rule: Rule.name) }
      result.append(ParameterGroup(pattern: pattern, rule: rule, isFrozen: isFrozen))
    }
    return (rule, result)
  }

  private func decoded<T: Decodable>(_ text: String) -> T? {
    try? JSONDecoder().decode(T.self, from: Data(text.utf8))
  }
}

/// Over how many rules `rule` is composed.
private func compositionDepth(of rule: any SteppingRule.Type) -> Int {
  guard let composed = rule as? any ComposedRule.Type else { return 0 }
  return 1 + compositionDepth(of: composed.baseType)
}

extension ComposedRule {
  fileprivate static var baseType: any SteppingRule.Type { Base.self }
}

/// The options of a composition, from the outermost rule to the innermost.
///
/// Version 0.1 wrote a composed tensor or vector rule as `{base, weightDecay, decayCoupling, penalty, average}`, a
/// tensor rule in it as `{base, groups}`, and a method with slow weights without a word about them.
struct OptionsChain {
  /// The options of the rules around the innermost.
  let outer: [String: JSON]
  /// The options of the innermost rule.
  let innermost: JSON
  /// The groups of a tensor rule of version 0.1.
  let groups: [JSON]

  /// - Parameters:
  ///   - options: A rule's options, with those of its `base`.
  ///   - outer: Options of rules around it.
  init(_ options: JSON?, outer: [String: JSON] = [:]) {
    var (outer, groups, innermost) = (outer, [JSON](), options ?? .null)
    while case .object(var object) = innermost, let base = object.removeValue(forKey: "base") {
      if let inner = object.removeValue(forKey: "groups") { groups = inner.array }
      outer.merge(object) { first, _ in first }
      innermost = base
    }
    self.outer = outer
    self.innermost = innermost
    self.groups = groups
  }

  /// Whether only version 0.1 wrote options of this shape.
  static func isOld(_ options: JSON?) -> Bool {
    guard case .object(let object)? = options, object["base"] != nil else { return false }
    return object["groups"] != nil || (object["weightDecay"] != nil && object["penalty"] != nil)
  }

  /// With these options, a rule that is not composed is the same as the composed one.
  private static var neutral: [String: JSON] {
    ["weightDecay": .number(0), "penalty": .number(0), "bound": .number(.greatestFiniteMagnitude)]
  }

  /// The same options in the shape of `own`, a composition of `depth` rules. Options that are not among these are
  /// neutral, or else `own`'s. Nil if `own` lacks a rule that these have.
  func composed(like own: JSON, depth: Int) -> JSON? {
    var rest = outer
    func compose(_ own: JSON, _ depth: Int) -> JSON {
      guard depth > 0, case .object(var object) = own else { return innermost }
      for (name, value) in object where name != "base" {
        object[name] = rest.removeValue(forKey: name) ?? Self.neutral[name] ?? value
      }
      object["base"] = object["base"].map { compose($0, depth - 1) }
      return .object(object)
    }
    let result = compose(own, depth)
    let isComplete = rest.allSatisfy { $0.key == "decayCoupling" || $0.value == Self.neutral[$0.key] }
    return isComplete ? result : nil
  }
}
