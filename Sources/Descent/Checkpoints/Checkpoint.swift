#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// All that a training needs to go on with the same bits: parameters, every slot of the optimizer's state, step, rule
/// with its rates, groups, transforms and random streams. Stored as a safetensors file.
///
/// Tensors have the parameters' own names (`dense1.weight`); those of slots have the slot's name before it
/// (`adam/m/dense1.weight`). They are found by name, never by order; the rest is in the file's metadata.
public struct Checkpoint<Scalar: LaneScalar>: Sendable {
  /// θ.
  public var parameters: ParameterVector<Scalar>
  /// The slots of the optimizer's state by name.
  public var slots: [String: ParameterVector<Scalar>]
  /// Tensors of the optimizer's state that are not like θ, by name: `adafactor/rows/dense1.weight`.
  public var arrays: [String: LaneArray<Scalar>] = [:]
  /// Tensors of the optimizer's state that are in `Double` for any scalar of θ, by name:
  /// `shampoo/roots/dense1.weight`.
  public var doubles: [String: LaneArray<Double>] = [:]
  /// Numbers of the optimizer's state by name: `prodigy/d`.
  public var numbers: [String: Double] = [:]
  /// Slots of a quantized state by name.
  public var coded: [String: CodedSlot] = [:]
  /// Steps made.
  public var stepCount: Int
  /// The rule's name.
  public var rule: String
  /// The rule with its options, as JSON.
  public var ruleOptions: String
  /// The parameter groups, as JSON.
  public var groups: String
  /// The gradient transforms' state by name.
  public var transforms: [String: TransformState<Scalar>]
  /// Random streams that are in use, by name.
  public var streams: [String: RandomStream] = [:]
  /// Free text for the program that saves.
  public var notes: [String: String] = [:]

  static var format: String { "descent-checkpoint-1" }
}

extension Optimizer {
  /// The optimizer and `θ` as they are now.
  public func checkpoint(_ θ: ParameterVector<Rule.Scalar>) throws -> Checkpoint<Rule.Scalar> {
    try check(θ.layout)
    let saved = state.save()
    return Checkpoint(
      parameters: θ, slots: saved.vectors, arrays: saved.arrays, doubles: saved.doubles, numbers: saved.numbers,
      coded: saved.coded, stepCount: stepCount, rule: Rule.name, ruleOptions: try canonicalJSON(rule),
      groups: try canonicalJSON(groups), transforms: savedTransforms)
  }

  /// Goes on from `checkpoint`: sets θ, state, step, rule, groups and the transforms' state.
  ///
  /// The program must configure the transforms itself; those in the checkpoint must be among them.
  /// - Throws: ``CheckpointError`` that names the difference, if the checkpoint is of another rule or layout. Nothing
  ///   is then changed.
  public mutating func restore(
    _ checkpoint: Checkpoint<Rule.Scalar>, into θ: inout ParameterVector<Rule.Scalar>
  ) throws(CheckpointError) {
    var restored = self
    let groups: [ParameterGroup<Rule>]
    (restored.rule, groups) = try method(of: checkpoint)
    let parameters = try checkpoint.parameters.rearranged(to: layout)
    if Rule.dependsOnAxes { try checkpoint.checkAxes(layout) }
    do throws(GroupError) {
      try restored.replaceGroups(groups)
    } catch { throw .invalidGroups(error) }
    // The state depends on the options, which are the checkpoint's from here on.
    restored.state = state.initial(for: parameters, restored.rules, restored.assignment)
    let saved = checkpoint.state
    guard Set(restored.state.names) == saved.names else {
      throw checkpoint.isOfAnother(Rule.self, with: restored.state)
    }
    let curvature = Rule.curvatureSlot.flatMap { restored.state.slot($0) }
    try restored.state.restore(saved)
    restored.stepCount = checkpoint.stepCount
    if let slot = Rule.curvatureSlot {
      // No step is made without a curvature; before the first step it may already have been given.
      restored.lacksCurvature = checkpoint.stepCount == 0 && restored.state.slot(slot) == curvature
    }
    try restored.restoreTransforms(of: checkpoint)
    self = restored
    θ = parameters
  }

  public func optionDifference(from checkpoint: Checkpoint<Rule.Scalar>) throws(CheckpointError) -> String? {
    let (rule, groups) = try method(of: checkpoint)
    return difference(rule, from: self.rule) ?? groupDifference(groups, from: self.groups)
  }

  /// The rule and the groups in `checkpoint`, checked like those that a program gives.
  private func method(
    of checkpoint: Checkpoint<Rule.Scalar>
  ) throws(CheckpointError) -> (Rule, [ParameterGroup<Rule>]) {
    // The other parts of a state depend on the options.
    guard checkpoint.rule == Rule.name, state.slotNames == checkpoint.state.slotNames else {
      throw checkpoint.isOfAnother(Rule.self, with: state)
    }
    try checkTransforms(of: checkpoint)
    let (rule, groups) = try checkpoint.method(like: rule)
    do throws(RuleError) {
      try rule.validate()
      for group in groups { try group.rule.validate() }
    } catch { throw .invalidOptions(error) }
    return (rule, groups)
  }
}

extension Checkpoint {
  /// The method's state.
  fileprivate var state: SavedState<Scalar> {
    var saved = SavedState<Scalar>()
    saved.vectors = slots
    saved.arrays = arrays
    saved.doubles = doubles
    saved.numbers = numbers
    saved.coded = coded
    return saved
  }

  fileprivate func isOfAnother<Rule: SteppingRule>(
    _: Rule.Type, with state: any RuleState<Rule>
  ) -> CheckpointError {
    .differentRule(expected: Rule.name, expectedSlots: state.names, found: rule, foundSlots: self.state.names.sorted())
  }
}

/// In words, an option that differs between `a` and `b`; nil if none does.
func difference<Rule: Configurable>(_ a: Rule, from b: Rule) -> String? {
  for option in Rule.options {
    let (mine, other) = (option.text(in: a), option.text(in: b))
    if mine != other { return "\(option.name) \(mine), not \(other)" }
  }
  return (try? canonicalJSON(a)) == (try? canonicalJSON(b)) ? nil : "other options"
}

/// Whether groups differ, in words; nil if they do not.
func groupDifference<Rule>(_ a: [ParameterGroup<Rule>], from b: [ParameterGroup<Rule>]) -> String? {
  (try? canonicalJSON(a)) == (try? canonicalJSON(b)) ? nil : "other parameter groups"
}

extension Checkpoint {
  /// Refuses parameters whose inputs and outputs are other extents than in `layout`.
  func checkAxes(_ layout: ParameterLayout) throws(CheckpointError) {
    let axes = Dictionary(parameters.layout.blocks.map { ($0.name, $0.axes) }) { first, _ in first }
    guard layout.blocks.contains(where: { axes[$0.name] != $0.axes }) else { return }
    throw .differentParameters(layout.difference(from: parameters.layout) ?? "the axes differ")
  }
}

extension Optimizer {
  /// The state, by name, of the transforms that have one.
  var savedTransforms: [String: TransformState<Scalar>] {
    Dictionary(transforms.map { ($0.name, $0.save()) }) { first, _ in first }.filter {
      !$0.value.numbers.isEmpty || !$0.value.vectors.isEmpty
    }
  }

  func checkTransforms(of checkpoint: Checkpoint<Scalar>) throws(CheckpointError) {
    let missing = checkpoint.transforms.keys.sorted().filter { name in !transforms.contains { $0.name == name } }
    guard missing.isEmpty else { throw .missingTransform(missing[0]) }
  }

  mutating func restoreTransforms(of checkpoint: Checkpoint<Scalar>) throws(CheckpointError) {
    for i in transforms.indices {
      guard var saved = checkpoint.transforms[transforms[i].name] else { continue }
      for (name, vector) in saved.vectors { saved.vectors[name] = try vector.rearranged(to: layout) }
      do throws(CheckpointError) { try transforms[i].restore(saved) } catch {
        guard case .damagedState(let part) = error else { throw error }
        throw .damagedState("\(transforms[i].name)/\(part)")
      }
    }
  }
}

/// JSON with sorted keys.
func canonicalJSON(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}

extension ParameterVector {
  /// This vector with its blocks, found by name, in the order of `layout`.
  package func rearranged(to layout: ParameterLayout) throws(CheckpointError) -> Self {
    if self.layout == layout { return self }
    var result = Self(zeros: layout)
    do throws(LayoutError) {
      for block in layout.blocks {
        guard self.layout.blocks.contains(where: { $0.name == block.name && $0.shape == block.shape }) else {
          throw .mismatch("")
        }
        try result.assign(try values(of: block.name), to: block.name)
      }
      guard self.layout.blocks.count == layout.blocks.count else { throw .mismatch("") }
    } catch {
      throw .differentParameters(layout.difference(from: self.layout) ?? "\(error)")
    }
    return result
  }
}

/// Why a checkpoint is refused.
public enum CheckpointError: Error, Hashable, CustomStringConvertible {
  case differentRule(expected: String, expectedSlots: [String], found: String, foundSlots: [String])
  case differentParameters(String)
  case missingTransform(String)
  /// A part of the method's state is not in the checkpoint.
  case missingState(String)
  /// A part of the method's state has another shape or impossible numbers.
  case damagedState(String)
  /// A number of the state is infinite or NaN, so that the steps after it would be, too.
  case notFinite(String)
  case unreadableOptions(rule: String)
  case invalidOptions(RuleError)
  case invalidGroups(GroupError)

  public var description: String {
    switch self {
    case .differentRule(let expected, let expectedSlots, let found, let foundSlots):
      "the checkpoint is of \(found) with \(list(foundSlots)), not of \(expected) with \(list(expectedSlots)): "
        + "continue it with the optimizer, the averaging and the kind of state that wrote it"
    case .differentParameters(let difference):
      "the checkpoint is of another model: \(difference): continue it with the model that wrote it"
    case .missingTransform(let name):
      "the checkpoint has the state of the gradient transform '\(name)', which this optimizer has not"
    case .missingState(let name):
      "the checkpoint has no '\(name)', which the method remembers: continue it with the optimizer that wrote it"
    case .damagedState(let name):
      "the checkpoint's '\(name)' has another shape, or numbers that no state has: continue from another checkpoint"
    case .notFinite(let name):
      "'\(name)' of the method's state is infinite or not a number: start again with a lower learning rate or penalty"
    case .unreadableOptions(let rule): "the checkpoint's options of \(rule) cannot be read"
    case .invalidOptions(let error): "the checkpoint's options are invalid: \(error)"
    case .invalidGroups(let error): "the checkpoint's parameter groups do not fit: \(error)"
    }
  }

  private func list(_ slots: [String]) -> String { slots.isEmpty ? "no slots" : slots.joined(separator: ", ") }
}
