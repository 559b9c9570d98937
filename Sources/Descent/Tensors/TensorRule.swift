/// A method that steps each parameter separately and sees its shape: rows and columns, the norm of a layer.
///
/// ```swift
/// struct NormalizedDescent<Scalar: LaneScalar>: TensorRule {
///   var learningRate: Schedule = 0.01
///   struct State: Sendable {}
///   func initialState(for θ: TensorView<Scalar>) -> State { State() }
///   func update(_ θ: TensorView<Scalar>, gradient g: TensorView<Scalar>, state: inout State, at t: Int) {
///     let norm = g.norm
///     guard norm > 0 else { return }
///     let α = Scalar(learningRate(at: t) / norm)
///     for i in 0..<θ.laneCount { θ.lanes[i] -= α * g.lanes[i] }
///   }
/// }
/// ```
///
/// If the rule is public, the code of `update` must be `@inlinable`: a pass over lanes is a hundred times slower if it
/// is not specialized for its scalar. A parameter's bits depend on its own values alone.
///
/// The layout decides which extents are inputs and which are outputs (``ParameterAxes``). Read it from
/// ``TensorView/axes`` and ``TensorView/fans``. A rule that depends on them (``SteppingRule/dependsOnAxes``) sees every
/// parameter, its gradient and its state in one order, [window…, inputs…, outputs…]: a parameter stored in another order
/// is copied there and back. Any other rule sees it as it is stored.
public protocol TensorRule<Scalar>: SteppingRule where Scalar: LaneScalar {
  /// What is remembered of one parameter.
  associatedtype State: Sendable = NoState

  /// The state before step 1 of a parameter that holds `θ`.
  func initialState(for θ: TensorView<Scalar>) -> State

  /// About how many bytes the state of a parameter with this `shape` and these `axes` will take: two numbers for each
  /// element unless the rule says otherwise.
  func stateByteCount(of shape: [Int], axes: [AxisRole]) -> Double

  /// Step t = 1, 2, … of one parameter. θ's padding must stay zero; the gradient may only be read.
  func update(_ θ: TensorView<Scalar>, gradient g: TensorView<Scalar>, state: inout State, at t: Int)

  /// The parts of `State` that a checkpoint keeps. Arrays have the shapes of the initial state. None unless the rule
  /// says otherwise.
  static var fields: [StateField<State, Scalar>] { get }
}

extension TensorRule {
  public static var dependsOnAxes: Bool { true }
  public static var fields: [StateField<State, Scalar>] { [] }

  public func stateByteCount(of shape: [Int], axes: [AxisRole]) -> Double {
    2 * shape.reduce(Double(MemoryLayout<Scalar>.size)) { $0 * Double($1) }
  }

  /// About how many bytes the state of parameters of `layout` will take.
  public func stateByteCount(of layout: ParameterLayout) -> Double {
    layout.blocks.reduce(0) { bytes, block in
      let sorted = Self.dependsOnAxes ? SortedAxes(block) : nil
      return bytes + stateByteCount(of: sorted?.shape ?? block.shape, axes: sorted?.axes ?? block.axes)
    }
  }
}

extension TensorRule where State == NoState {
  @inlinable public func initialState(for θ: TensorView<Scalar>) -> State { NoState() }
}

/// The state of a method that remembers nothing.
public struct NoState: Sendable {
  @inlinable public init() {}
}
