/// A part of a method's state, as a checkpoint stores it.
public struct StateField<State, Scalar: LaneScalar>: Sendable {
  typealias Save = @Sendable (_ state: State, _ saved: inout SavedState<Scalar>, _ place: StatePlace) -> Void
  typealias Restore =
    @Sendable (_ state: inout State, _ saved: SavedState<Scalar>, _ place: StatePlace) throws(CheckpointError) -> Void

  /// The paper's letter or word.
  public let name: String
  let save: Save
  let restore: Restore

  /// A vector like θ. An empty one, which the method does not use, is not saved.
  public static func vector(
    _ name: String, _ part: WritableKeyPath<State, ParameterVector<Scalar>> & Sendable
  ) -> Self {
    Self(name: name) { state, saved, place in
      if state[keyPath: part].laneCount > 0 { saved.vectors[place.name(of: name)] = state[keyPath: part] }
    } restore: { state, saved, place throws(CheckpointError) in
      guard state[keyPath: part].laneCount > 0 else { return }
      let vector = try saved.vectors.named(place.name(of: name))
      state[keyPath: part] = try vector.rearranged(to: state[keyPath: part].layout)
    }
  }

  /// An array whose shape the initial state decides. An empty one is not saved.
  public static func array(_ name: String, _ part: WritableKeyPath<State, LaneArray<Scalar>> & Sendable) -> Self {
    array(name, part, \.arrays)
  }

  /// Arrays, as many as the initial state has, whose shapes it decides.
  public static func arrays(_ name: String, _ part: WritableKeyPath<State, [LaneArray<Scalar>]> & Sendable) -> Self {
    Self(name: name) { state, saved, place in
      for (i, array) in state[keyPath: part].enumerated() { saved.arrays["\(place.name(of: name))/\(i)"] = array }
    } restore: { state, saved, place throws(CheckpointError) in
      for i in state[keyPath: part].indices {
        let name = "\(place.name(of: name))/\(i)"
        let (array, shape) = (try saved.arrays.named(name), state[keyPath: part][i].shape)
        guard array.shape == shape else {
          throw .differentParameters("'\(name)' has shape \(array.shape) instead of \(shape)")
        }
        state[keyPath: part][i] = array
      }
    }
  }

  /// Numbers that are kept in `Double`, whatever θ's scalar.
  public static func doubles(_ name: String, _ part: WritableKeyPath<State, LaneArray<Double>> & Sendable) -> Self {
    array(name, part, \.doubles)
  }

  private static func array<Element>(
    _ name: String, _ part: WritableKeyPath<State, LaneArray<Element>> & Sendable,
    _ arrays: WritableKeyPath<SavedState<Scalar>, [String: LaneArray<Element>]> & Sendable
  ) -> Self {
    Self(name: name) { state, saved, place in
      if state[keyPath: part].count > 0 { saved[keyPath: arrays][place.name(of: name)] = state[keyPath: part] }
    } restore: { state, saved, place throws(CheckpointError) in
      let shape = state[keyPath: part].shape
      guard state[keyPath: part].count > 0 else { return }
      let array = try saved[keyPath: arrays].named(place.name(of: name))
      guard array.shape == shape else {
        throw .differentParameters("'\(place.name(of: name))' has shape \(array.shape) instead of \(shape)")
      }
      state[keyPath: part] = array
    }
  }

  /// One number.
  ///
  /// - Parameter domain: Where the method's own steps keep it; a checkpoint with another number is refused.
  public static func number(
    _ name: String, _ part: WritableKeyPath<State, Double> & Sendable, in domain: Interval = .real
  ) -> Self {
    Self(name: name) { state, saved, place in
      saved.numbers[place.name(of: name)] = state[keyPath: part]
    } restore: { state, saved, place throws(CheckpointError) in
      let number = try saved.numbers.named(place.name(of: name))
      guard domain.contains(number) else { throw .damagedState(place.name(of: name)) }
      state[keyPath: part] = number
    }
  }

  /// What a ``RememberingRule`` keeps of θ, under its own name.
  static func memory(_ name: String, _ part: WritableKeyPath<State, ParameterVector<Scalar>> & Sendable) -> Self {
    Self(name: name) { state, saved, _ in
      saved.vectors[name] = state[keyPath: part]
    } restore: { state, saved, place throws(CheckpointError) in
      state[keyPath: part] = try saved.vectors.named(name).rearranged(to: place.layout)
    }
  }

  /// What a ``RememberingRule`` keeps of one parameter: in a checkpoint, a part of a vector like θ.
  static func memory(_ name: String, _ part: WritableKeyPath<State, LaneArray<Scalar>> & Sendable) -> Self {
    Self(name: name) { state, saved, place in
      guard let block = place.block else { return }
      saved.vectors[name, default: ParameterVector(zeros: place.layout)].withUnsafeMutableElements { vector in
        guard let target = vector.baseAddress.map({ $0 + block.offset }) else { return }
        let elements = state[keyPath: part].elements
        if let sorted = place.sorted {
          sorted.scatter(elements, to: target)
        } else {
          target.update(from: elements, count: block.count)
        }
      }
    } restore: { state, saved, place throws(CheckpointError) in
      guard let block = place.block else { return }
      let vector = try saved.vectors.named(name)
      guard let source = vector.layout.blocks.first(where: { $0.name == block.name && $0.shape == block.shape }) else {
        throw .differentParameters(place.layout.difference(from: vector.layout) ?? block.name)
      }
      vector.withUnsafeElements { vector in
        guard let elements = vector.baseAddress.map({ $0 + source.offset }) else { return }
        if let sorted = place.sorted {
          state[keyPath: part] = sorted.gather(elements)
        } else {
          state[keyPath: part].mutableElements().update(from: elements, count: block.count)
        }
      }
    }
  }

  /// The same part of a state that holds this one's state.
  func lifted<Outer>(through inner: WritableKeyPath<Outer, State> & Sendable) -> StateField<Outer, Scalar> {
    StateField<Outer, Scalar>(name: name) { [save] outer, saved, place in
      save(outer[keyPath: inner], &saved, place)
    } restore: { [restore] outer, saved, place throws(CheckpointError) in
      try restore(&outer[keyPath: inner], saved, place)
    }
  }

  private init(name: String, save: @escaping Save, restore: @escaping Restore) {
    self.name = name
    self.save = save
    self.restore = restore
  }
}

/// Where a state belongs: to a method, and to one parameter if the method steps each separately.
struct StatePlace: Sendable {
  let rule: String
  let layout: ParameterLayout
  /// The parameter; nil if the state is of all.
  let block: ParameterLayout.Block?
  /// The order in which the rule sees the parameter, nil if it is stored in that order.
  let sorted: SortedAxes?

  init(rule: String, layout: ParameterLayout, block: Int? = nil, sorted: SortedAxes? = nil) {
    self.rule = rule
    self.layout = layout
    self.block = block.map { layout.blocks[$0] }
    self.sorted = sorted
  }

  /// What a checkpoint calls `field`: `prodigy/d`, `muon/m/dense1.weight`.
  func name(of field: String) -> String { "\(rule)/\(field)" + (block.map { "/" + $0.name } ?? "") }
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

  /// The names of the vectors like θ, with their format if it is not the scalar's.
  var slotNames: Set<String> { Set(vectors.keys).union(coded.map { "\($0.key) in \($0.value.format)" }) }

  var names: Set<String> { slotNames.union(arrays.keys).union(doubles.keys).union(numbers.keys) }

  /// Bytes, without the vectors' padding.
  var byteCount: Double {
    let count = vectors.values.reduce(0) { $0 + $1.layout.parameterCount } + arrays.values.reduce(0) { $0 + $1.count }
    let wide = doubles.values.reduce(0) { $0 + $1.count } + numbers.count
    return Double(count * MemoryLayout<Scalar>.size + wide * MemoryLayout<Double>.size)
  }

  /// Adds the `fields` of `state`.
  mutating func add<State>(_ state: State, _ fields: [StateField<State, Scalar>], of place: StatePlace) {
    for field in fields { field.save(state, &self, place) }
  }

  /// Replaces the `fields` of `state` by what was saved.
  func restore<State>(
    into state: inout State, _ fields: [StateField<State, Scalar>], of place: StatePlace
  ) throws(CheckpointError) {
    for field in fields { try field.restore(&state, self, place) }
  }
}

extension Dictionary where Key == String {
  /// - Throws: ``CheckpointError/missingState(_:)``.
  fileprivate func named(_ name: String) throws(CheckpointError) -> Value {
    guard let value = self[name] else { throw .missingState(name) }
    return value
  }
}
