/// SM3: AdaGrad with one accumulator for each slice of a tensor (Anil et al. 2019, Algorithms SM3-I and SM3-II).
///
///     ν = minᵣ μᵣ + g²                         over the slices r that contain the element: one for each dimension
///     θ ← θ − α g / √ν,   or with momentum     m ← β m + (1 − β) g / √ν,   θ ← θ − α m
///     μᵣ ← max ν                               over the elements of the slice r
///
/// First step: α (1 − β) sign(g). A matrix has an accumulator for each row and each column, a convolution's weight has
/// one for each index of each of its four dimensions. A vector has one for each element, and so has a scalar: this is
/// AdaGrad. All dimensions are treated alike: it does not matter which of them count inputs and which outputs.
/// SM3-I (``Variant/one``) adds the largest g² of each slice to its μᵣ, then takes ν = minᵣ μᵣ. 0 / 0 = 0.
///
/// Peers: Google's code is SM3-II with 1e-30 inside the root; optax adds 1e-8 there (`epsilonRoot`) and has β = 0.9.
public struct SM3<Scalar: LaneScalar>: TensorRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// β in [0, 1).
  public var momentum: Double
  /// ε ≥ 0, added inside the root.
  public var epsilonRoot: Double
  /// Which of the paper's algorithms.
  public var variant: Variant

  public init(
    learningRate: Schedule = 0.1, momentum: Double = 0.9, epsilonRoot: Double = 0, variant: Variant = .two
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.epsilonRoot = epsilonRoot
    self.variant = variant
  }

  /// The paper's algorithms.
  public enum Variant: String, Codable, CaseIterable, Sendable {
    /// SM3-II: the largest of the bounds ν themselves, which are tighter.
    case two = "II"
    /// SM3-I: the sum of the largest squares.
    case one = "I"
  }

  public struct State: Sendable {
    /// One number for each index of each dimension, one dimension after the other.
    @usableFromInline var μ: LaneArray<Scalar>
    @usableFromInline var m: LaneArray<Scalar>

    @inlinable
    init(μ: LaneArray<Scalar>, m: LaneArray<Scalar>) {
      self.μ = μ
      self.m = m
    }
  }

  public static var fields: [StateField<State, Scalar>] { [.array("mu", \.μ), .array("m", \.m)] }

  public static var dependsOnAxes: Bool { false }

  @inlinable
  public func initialState(for θ: TensorView<Scalar>) -> State {
    State(
      μ: LaneArray(zeros: [TensorSlices(θ.shape).count]), m: LaneArray(zeros: momentum == 0 ? [0] : θ.shape))
  }

  @inlinable
  public func update(_ θ: TensorView<Scalar>, gradient g: TensorView<Scalar>, state: inout State, at t: Int) {
    let slices = TensorSlices(θ.shape)
    let μ = state.μ.mutableElements()
    // Room for whole lanes.
    let room = (slices.count / Scalar.laneWidth + 1) * Scalar.laneWidth
    withTemporaryMemory(of: Scalar.self, count: room) { buffer in
      let largest = buffer.baseAddress!
      largest.initialize(repeating: 0, count: room)
      if variant == .one {
        slices.forEachRow { row, first in
          var top = Scalar.Lane.zero
          forEachLane(of: Scalar.self, in: slices.rowLength) { j, n in
            let g = gradient(g, first + j, n)
            raise(largest + slices.last + j, to: g * g, n, &top)
          }
          slices.raise(largest, at: row, to: top)
        }
        for k in 0..<slices.count { μ[k] = Swift.min(μ[k] + largest[k], .greatestFiniteMagnitude) }
      }
      descend(θ, g, slices, μ, largest, &state.m, at: t)
      if variant == .two { μ.update(from: largest, count: slices.count) }
    }
  }

  /// Makes the step, and finds each slice's largest ν.
  @inlinable
  func descend(
    _ θ: TensorView<Scalar>, _ g: TensorView<Scalar>, _ slices: TensorSlices, _ μ: UnsafePointer<Scalar>,
    _ largest: UnsafeMutablePointer<Scalar>, _ m: inout LaneArray<Scalar>, at t: Int
  ) {
    let α = Scalar(learningRate(at: t))
    let (weight, ε) = (Scalar(1 - momentum), Scalar(epsilonRoot))
    let isSecond = variant == .two
    let hasMomentum = m.count > 0
    let m = m.mutableElements()
    slices.forEachRow { row, first in
      let bound = Scalar.Lane(repeating: slices.smallest(μ, at: row))
      var top = Scalar.Lane.zero
      forEachLane(of: Scalar.self, in: slices.rowLength) { j, n in
        let (θ, m) = (θ.elements + first + j, m + first + j)
        let g = gradient(g, first + j, n)
        var ν = Scalar.minimum(bound, Scalar.load(μ + slices.last + j, count: n))
        if isSecond {
          ν.add(squareOf: g)
          raise(largest + slices.last + j, to: ν, n, &top)
        }
        var u = g.dividedOrZero(by: Scalar.squareRoot(ν + ε))
        if hasMomentum {
          var average = Scalar.load(m, count: n)
          average.decay(toward: u, by: weight)
          Scalar.store(average, to: m, count: n)
          u = average
        }
        Scalar.store((Scalar.load(θ, count: n) - α * u).finite, to: θ, count: n)
      }
      slices.raise(largest, at: row, to: top)
    }
  }

  /// A lane of g, limited so that no element's square is too large.
  @inlinable @inline(__always)
  func gradient(_ g: TensorView<Scalar>, _ i: Int, _ n: Int) -> Scalar.Lane {
    Scalar.load(g.elements + i, count: n).infinityAsNaN.limited(to: Scalar.largestGradient())
  }

  /// Updates the largest so far of `n` columns, and of their row, by x.
  @inlinable @inline(__always)
  func raise(_ columns: UnsafeMutablePointer<Scalar>, to x: Scalar.Lane, _ n: Int, _ row: inout Scalar.Lane) {
    Scalar.store(Scalar.maximum(Scalar.load(columns, count: n), x), to: columns, count: n)
    row = Scalar.maximum(row, x)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("momentum", \.momentum, in: .unit, "β: decay of the mean step"),
      .number("epsilonRoot", \.epsilonRoot, in: .nonNegative, "ε: added inside the root"),
      .choice("variant", \.variant, "the paper's algorithm: SM3-II or SM3-I"),
    ]
  }
}

/// The slices of a tensor: for each dimension, the elements that share an index. They are numbered one dimension after
/// the other.
@usableFromInline
struct TensorSlices {
  /// For each dimension but the last: where its slices' numbers start, the rows between two indices, and the extent.
  @usableFromInline let leading: [(offset: Int, stride: Int, extent: Int)]
  /// Where the numbers of the last dimension's slices start.
  @usableFromInline let last: Int
  @usableFromInline let rowLength: Int
  @usableFromInline let rowCount: Int

  @usableFromInline
  init(_ shape: [Int]) {
    rowLength = shape.last ?? 1
    var offset = 0
    var stride = shape.dropLast().reduce(1, *)
    rowCount = stride
    leading = shape.dropLast().map { extent in
      stride /= extent
      defer { offset += extent }
      return (offset, stride, extent)
    }
    last = offset
  }

  @inlinable var count: Int { last + rowLength }

  /// Calls `body` with each row's number and its first element.
  @inlinable @inline(__always)
  func forEachRow(_ body: (_ row: Int, _ first: Int) -> Void) {
    for row in 0..<rowCount { body(row, row * rowLength) }
  }

  /// The least value of the slices that contain `row`; infinity if there are none.
  @inlinable
  func smallest<Scalar: LaneScalar>(_ values: UnsafePointer<Scalar>, at row: Int) -> Scalar {
    var least = Scalar.infinity
    for (offset, stride, extent) in leading {
      let value = values[offset + row / stride % extent]
      if value < least || value.isNaN { least = value }
    }
    return least
  }

  /// Raises the values of the slices that contain `row` to the largest element of `top`.
  @inlinable
  func raise<Scalar: LaneScalar>(_ values: UnsafeMutablePointer<Scalar>, at row: Int, to top: Scalar.Lane) {
    guard !leading.isEmpty else { return }
    let largest = Scalar.largest(top)
    for (offset, stride, extent) in leading {
      let slice = values + offset + row / stride % extent
      if largest > slice.pointee || largest.isNaN { slice.pointee = largest }
    }
  }
}

/// Calls `body` for each lane of a row with its position and the number of elements left in the row.
@inlinable @inline(__always)
func forEachLane<Scalar: LaneScalar>(
  of _: Scalar.Type, in length: Int, _ body: (_ position: Int, _ count: Int) -> Void
) {
  var j = 0
  while j < length {
    body(j, length - j)
    j += Scalar.laneWidth
  }
}
