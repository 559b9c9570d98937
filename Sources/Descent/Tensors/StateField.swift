/// A part of a method's state, as a checkpoint stores it.
public struct StateField<State, Scalar: LaneScalar>: Sendable {
  /// The paper's letter or word.
  public let name: String
  let part: Part

  enum Part: Sendable {
    case vector(WritableKeyPath<State, ParameterVector<Scalar>> & Sendable)
    case array(WritableKeyPath<State, LaneArray<Scalar>> & Sendable)
    case doubles(WritableKeyPath<State, LaneArray<Double>> & Sendable)
    case number(WritableKeyPath<State, Double> & Sendable)
  }

  /// A vector like θ. An empty one, which the method does not use, is not saved.
  public static func vector(
    _ name: String, _ part: WritableKeyPath<State, ParameterVector<Scalar>> & Sendable
  ) -> Self {
    Self(name: name, part: .vector(part))
  }

  /// An array whose shape the initial state decides. An empty one is not saved.
  public static func array(_ name: String, _ part: WritableKeyPath<State, LaneArray<Scalar>> & Sendable) -> Self {
    Self(name: name, part: .array(part))
  }

  /// Numbers that are kept in `Double`, whatever θ's scalar.
  public static func doubles(_ name: String, _ part: WritableKeyPath<State, LaneArray<Double>> & Sendable) -> Self {
    Self(name: name, part: .doubles(part))
  }

  /// One number.
  public static func number(_ name: String, _ part: WritableKeyPath<State, Double> & Sendable) -> Self {
    Self(name: name, part: .number(part))
  }
}

/// A method's state by name.
public struct SavedState<Scalar: RuleScalar>: Sendable {
  public var vectors: [String: ParameterVector<Scalar>] = [:]
  public var arrays: [String: LaneArray<Scalar>] = [:]
  public var doubles: [String: LaneArray<Double>] = [:]
  public var numbers: [String: Double] = [:]
  /// Slots of a quantized state.
  public var coded: [String: CodedSlot] = [:]

  public init() {}

  var names: Set<String> {
    Set(vectors.keys).union(arrays.keys).union(doubles.keys).union(numbers.keys)
      .union(coded.map { "\($0.key) in \($0.value.format)" })
  }

  /// Adds the `fields` of `state`, each under its name between `prefix` and `suffix`.
  mutating func add<State>(
    _ state: State, _ fields: [StateField<State, Scalar>], prefix: String, suffix: String = ""
  ) {
    for field in fields {
      let name = prefix + field.name + suffix
      switch field.part {
      case .vector(let part): if state[keyPath: part].laneCount > 0 { vectors[name] = state[keyPath: part] }
      case .array(let part): if state[keyPath: part].count > 0 { arrays[name] = state[keyPath: part] }
      case .doubles(let part): if state[keyPath: part].count > 0 { doubles[name] = state[keyPath: part] }
      case .number(let part): numbers[name] = state[keyPath: part]
      }
    }
  }

  /// Replaces the `fields` of `state` by what was saved under their names.
  func restore<State>(
    into state: inout State, _ fields: [StateField<State, Scalar>], prefix: String, suffix: String = ""
  ) throws(CheckpointError) {
    for field in fields {
      let name = prefix + field.name + suffix
      switch field.part {
      case .vector(let part):
        guard state[keyPath: part].laneCount > 0 else { continue }
        guard let vector = vectors[name] else { throw .missingState(name) }
        state[keyPath: part] = try vector.rearranged(to: state[keyPath: part].layout)
      case .array(let part):
        try Self.replace(&state[keyPath: part], by: arrays[name], name)
      case .doubles(let part):
        try Self.replace(&state[keyPath: part], by: doubles[name], name)
      case .number(let part):
        guard let number = numbers[name] else { throw .missingState(name) }
        state[keyPath: part] = number
      }
    }
  }

  private static func replace<Element>(
    _ array: inout LaneArray<Element>, by saved: LaneArray<Element>?, _ name: String
  ) throws(CheckpointError) {
    guard array.count > 0 else { return }
    guard let saved else { throw .missingState(name) }
    guard saved.shape == array.shape else {
      throw .differentParameters("'\(name)' has shape \(saved.shape) instead of \(array.shape)")
    }
    array = saved
  }
}
