import CLanes

/// A scalar that θ can be made of: the arithmetic of rules, and what the drivers need beside it, such as sums, products
/// of matrices and names in files.
///
/// `Float` works on lanes of 16 and `Double` on lanes of 8: one AVX-512 register, two of AVX, four of SSE or NEON.
/// Only operations that IEEE 754 rounds exactly are used on lanes, so every width gives the same bits.
public protocol LaneScalar: RuleScalar {
  /// A lane's elements in Double: norms and means are summed in it.
  associatedtype Wide: SIMD, BitwiseCopyable, Sendable where Wide.Scalar == Double

  /// The same numbers in Double.
  static func widened(_ x: Lane) -> Wide
  /// The nearest numbers.
  static func narrowed(_ x: Wide) -> Lane

  /// Σ x² over `count` lanes in Double, in an order that depends on `count` alone.
  static func sumOfSquares(_ lanes: UnsafePointer<Lane>, count: Int) -> Double

  /// Σ x² over `count` lanes in Double, with each |x| at most `limit`; NaN if an x is not finite.
  static func sumOfSquares(_ lanes: UnsafePointer<Lane>, count: Int, limit: Self) -> Double

  /// Σ x y over `count` lanes in Double, in an order that depends on `count` alone.
  static func dot(_ x: UnsafePointer<Lane>, _ y: UnsafePointer<Lane>, count: Int) -> Double

  /// Σ (x − y)² over `count` lanes in Double, in an order that depends on `count` alone.
  static func squaredDistance(_ x: UnsafePointer<Lane>, _ y: UnsafePointer<Lane>, count: Int) -> Double

  /// How many elements of `count` lanes are less than `bound`.
  static func countBelow(_ bound: Double, _ x: UnsafePointer<Lane>, count: Int) -> Int

  /// y ← y + scale · x.
  static func add(_ x: UnsafePointer<Lane>, scale: Self, to y: UnsafeMutablePointer<Lane>, count: Int)

  /// g ← g + λ x, at most the largest number; NaN where g is not finite.
  static func penalize(_ g: UnsafeMutablePointer<Lane>, _ x: UnsafePointer<Lane>, by λ: Self, count: Int)

  /// y ← factor · y.
  static func scale(_ y: UnsafeMutablePointer<Lane>, by factor: Self, count: Int)

  /// y ← (1 − w) y + w x over `count` lanes.
  static func decay(_ y: UnsafeMutablePointer<Lane>, toward x: UnsafePointer<Lane>, by w: Self, count: Int)

  /// x ← x − its mean over each unit.
  static func centralize(_ x: UnsafeMutablePointer<Self>, _ units: OutputUnits)

  /// x ← x · min(1, bound max(‖y‖, floor) / ‖x‖), with the norms of each unit.
  static func clip(
    _ x: UnsafeMutablePointer<Self>, relativeTo y: UnsafePointer<Self>, bound: Double, floor: Double,
    _ units: OutputUnits)

  /// total + lost ← total + lost + scale · g, where `lost` is the part of `total` that rounding lost.
  static func accumulate(
    _ g: UnsafePointer<Lane>, scale: Self, into total: UnsafeMutablePointer<Lane>,
    lost: UnsafeMutablePointer<Lane>, count: Int)

  /// mean ← (total + lost) ÷ divisor.
  static func finishMean(
    _ total: UnsafePointer<Lane>, lost: UnsafePointer<Lane>, dividedBy divisor: Self,
    into mean: UnsafeMutablePointer<Lane>, count: Int)

  /// C ← A B or, if `adds`, C ← C + A B, in an order that depends on the shapes alone. C is row-major, its rows lie
  /// `rowStride` elements apart, and it overlaps neither A nor B.
  static func multiply(
    _ a: MatrixView<Self>, _ b: MatrixView<Self>, into c: UnsafeMutablePointer<Self>, rowStride: Int,
    part: ProductPart, adds: Bool, threads: Int)

  /// The loops that rules which are read while the program runs are made of.
  static var blockLoop: BlockLoop { get }

  /// Name of the scalar in safetensors files: `F32`, `F64`.
  static var safetensorsName: String { get }
}

extension Float: LaneScalar {
  public typealias Lane = SIMD16<Float>
  @inlinable @inline(__always) public static func squareRoot(_ x: Lane) -> Lane { lanes_sqrt_f32(x) }
  @inlinable @inline(__always) public static func magnitude(_ x: Lane) -> Lane { lanes_abs_f32(x) }
  @inlinable @inline(__always) public static func maximum(_ x: Lane, _ y: Lane) -> Lane { lanes_max_f32(x, y) }
  @inlinable @inline(__always) public static func minimum(_ x: Lane, _ y: Lane) -> Lane { lanes_min_f32(x, y) }
  @inlinable @inline(__always) public static func atMost(_ x: Lane, _ bound: Float) -> Lane {
    lanes_at_most_f32(x, bound)
  }
  @inlinable @inline(__always) public static func atLeast(_ x: Lane, _ bound: Float) -> Lane {
    lanes_at_least_f32(x, bound)
  }
  @inlinable @inline(__always) public static func sign(_ x: Lane) -> Lane { lanes_sign_f32(x) }
  @inlinable @inline(__always) public static func select(_ x: Lane, _ y: Lane, wherePositive z: Lane) -> Lane {
    lanes_select_f32(x, y, z)
  }
  @inlinable @inline(__always) public static func quotientOrZero(_ x: Lane, _ y: Lane) -> Lane {
    lanes_quotient_f32(x, y)
  }
  @inlinable @inline(__always) public static func widened(_ x: Lane) -> SIMD16<Double> { lanes_widen_f32(x) }
  @inlinable @inline(__always) public static func narrowed(_ x: SIMD16<Double>) -> Lane { lanes_narrow_f32(x) }
  public static func sumOfSquares(_ lanes: UnsafePointer<Lane>, count: Int) -> Double {
    var sum = SIMD16<Double>.zero
    for i in 0..<count {
      let x = lanes_widen_f32(lanes[i])
      sum += x * x
    }
    return sum.sum()
  }
  public static func dot(_ x: UnsafePointer<Lane>, _ y: UnsafePointer<Lane>, count: Int) -> Double {
    var sum = SIMD16<Double>.zero
    for i in 0..<count { sum += lanes_widen_f32(x[i]) * lanes_widen_f32(y[i]) }
    return sum.sum()
  }
  public static var blockLoop: BlockLoop { BlockLoop(call: lanes_loop_f32) }
  public static var safetensorsName: String { "F32" }
}

extension Double: LaneScalar {
  public typealias Lane = SIMD8<Double>
  @inlinable @inline(__always) public static func squareRoot(_ x: Lane) -> Lane { lanes_sqrt_f64(x) }
  @inlinable @inline(__always) public static func magnitude(_ x: Lane) -> Lane { lanes_abs_f64(x) }
  @inlinable @inline(__always) public static func maximum(_ x: Lane, _ y: Lane) -> Lane { lanes_max_f64(x, y) }
  @inlinable @inline(__always) public static func minimum(_ x: Lane, _ y: Lane) -> Lane { lanes_min_f64(x, y) }
  @inlinable @inline(__always) public static func atMost(_ x: Lane, _ bound: Double) -> Lane {
    lanes_at_most_f64(x, bound)
  }
  @inlinable @inline(__always) public static func atLeast(_ x: Lane, _ bound: Double) -> Lane {
    lanes_at_least_f64(x, bound)
  }
  @inlinable @inline(__always) public static func sign(_ x: Lane) -> Lane { lanes_sign_f64(x) }
  @inlinable @inline(__always) public static func select(_ x: Lane, _ y: Lane, wherePositive z: Lane) -> Lane {
    lanes_select_f64(x, y, z)
  }
  @inlinable @inline(__always) public static func quotientOrZero(_ x: Lane, _ y: Lane) -> Lane {
    lanes_quotient_f64(x, y)
  }
  @inlinable @inline(__always) public static func widened(_ x: Lane) -> Lane { x }
  @inlinable @inline(__always) public static func narrowed(_ x: Lane) -> Lane { x }
  public static func sumOfSquares(_ lanes: UnsafePointer<Lane>, count: Int) -> Double {
    var sum = Lane.zero
    for i in 0..<count { sum += lanes[i] * lanes[i] }
    return sum.sum()
  }
  public static func dot(_ x: UnsafePointer<Lane>, _ y: UnsafePointer<Lane>, count: Int) -> Double {
    var sum = Lane.zero
    for i in 0..<count { sum += x[i] * y[i] }
    return sum.sum()
  }
  public static var blockLoop: BlockLoop { BlockLoop(call: lanes_loop_f64) }
  public static var safetensorsName: String { "F64" }
}

extension LaneScalar {
  /// The largest element of `lane`; NaN if one is.
  @inlinable
  public static func largest(_ lane: Lane) -> Self {
    var largest = lane[0]
    for i in 1..<laneWidth where lane[i] > largest || lane[i].isNaN { largest = lane[i] }
    return largest
  }

  /// The first `count` elements from `source` on, at any address; at most a whole lane. The rest is zero.
  @inlinable @inline(__always)
  public static func load(_ source: UnsafePointer<Self>, count: Int) -> Lane {
    if count >= laneWidth { return UnsafeRawPointer(source).loadUnaligned(as: Lane.self) }
    var lane = Lane.zero
    withUnsafeMutableBytes(of: &lane) {
      $0.copyMemory(from: UnsafeRawBufferPointer(start: source, count: count * MemoryLayout<Self>.stride))
    }
    return lane
  }

  /// Replaces the first `count` elements from `destination` on; at most a whole lane.
  @inlinable @inline(__always)
  public static func store(_ lane: Lane, to destination: UnsafeMutablePointer<Self>, count: Int) {
    if count >= laneWidth {
      UnsafeMutableRawPointer(destination).storeBytes(of: lane, as: Lane.self)
    } else {
      withUnsafeBytes(of: lane) {
        UnsafeMutableRawPointer(destination).copyMemory(
          from: $0.baseAddress!, byteCount: count * MemoryLayout<Self>.stride)
      }
    }
  }

  /// Adds the first `count` elements of `lane` to those from `destination` on; at most a whole lane.
  @inlinable @inline(__always)
  public static func add(_ lane: Wide, to destination: UnsafeMutablePointer<Double>, count: Int) {
    if count >= laneWidth {
      let place = UnsafeMutableRawPointer(destination)
      place.storeBytes(of: place.loadUnaligned(as: Wide.self) + lane, as: Wide.self)
    } else {
      for i in 0..<count { destination[i] += lane[i] }
    }
  }
}
