// A traced scalar as a floating-point number, which `RuleScalar` asks for. Arithmetic is recorded; comparisons are noted
// as choices; whatever looks into a number works on known ones, and makes the trace of another impossible.

extension Traced: BinaryFloatingPoint {
  public typealias Magnitude = Traced
  public typealias Stride = Traced

  public init(floatLiteral value: Base.FloatLiteralType) { self.init(value: Base(floatLiteral: value)) }
  public init(integerLiteral value: Base.IntegerLiteralType) { self.init(value: Base(integerLiteral: value)) }
  public init<Source: BinaryInteger>(_ value: Source) { self.init(value: Base(value)) }
  public init?<Source: BinaryInteger>(exactly source: Source) {
    guard let value = Base(exactly: source) else { return nil }
    self.init(value: value)
  }
  public init(_ value: Int) { self.init(value: Base(value)) }
  public init(_ value: Float) { self.init(value: Base(value)) }
  public init(_ value: Double) { self.init(value: Base(value)) }
  public init<Source: BinaryFloatingPoint>(_ value: Source) { self.init(value: Base(value)) }
  public init(sign: FloatingPointSign, exponent: Base.Exponent, significand: Traced) {
    self.init(value: Base(sign: sign, exponent: exponent, significand: significand.read("the significand")))
  }
  public init(signOf sign: Traced, magnitudeOf magnitude: Traced) {
    self.init(value: Base(signOf: sign.read("the sign"), magnitudeOf: magnitude.read("the magnitude")))
  }
  public init(
    sign: FloatingPointSign, exponentBitPattern: Base.RawExponent, significandBitPattern: Base.RawSignificand
  ) {
    self.init(
      value: Base(
        sign: sign, exponentBitPattern: exponentBitPattern, significandBitPattern: significandBitPattern))
  }

  public static var exponentBitCount: Int { Base.exponentBitCount }
  public static var significandBitCount: Int { Base.significandBitCount }
  public static var radix: Int { Base.radix }
  public static var nan: Traced { Traced(value: .nan) }
  public static var signalingNaN: Traced { Traced(value: .signalingNaN) }
  public static var infinity: Traced { Traced(value: .infinity) }
  public static var greatestFiniteMagnitude: Traced { Traced(value: .greatestFiniteMagnitude) }
  public static var pi: Traced { Traced(value: .pi) }
  public static var leastNormalMagnitude: Traced { Traced(value: .leastNormalMagnitude) }
  public static var leastNonzeroMagnitude: Traced { Traced(value: .leastNonzeroMagnitude) }
  public static var ulpOfOne: Traced { Traced(value: .ulpOfOne) }

  public var exponentBitPattern: Base.RawExponent { read("the bits").exponentBitPattern }
  public var significandBitPattern: Base.RawSignificand { read("the bits").significandBitPattern }
  public var binade: Traced { Traced(value: read("the binade").binade) }
  public var significandWidth: Int { read("the width").significandWidth }
  public var ulp: Traced { Traced(value: read("the last place").ulp) }
  public var sign: FloatingPointSign { read("the sign").sign }
  public var exponent: Base.Exponent { read("the exponent").exponent }
  public var significand: Traced { Traced(value: read("the significand").significand) }
  public var nextUp: Traced { Traced(value: read("the neighbour").nextUp) }
  public var isNormal: Bool { read("the kind").isNormal }
  public var isFinite: Bool { read("the kind").isFinite }
  public var isZero: Bool { self == 0 }
  public var isSubnormal: Bool { read("the kind").isSubnormal }
  public var isInfinite: Bool { read("the kind").isInfinite }
  public var isNaN: Bool { !(self == self) }
  public var isSignalingNaN: Bool { read("the kind").isSignalingNaN }
  public var isCanonical: Bool { value.isCanonical }

  public var magnitude: Traced { .unary(.magnitude, self, value: value.magnitude) }
  public static func + (x: Traced, y: Traced) -> Traced { binary(.add, x, y, value: x.value + y.value) }
  public static func - (x: Traced, y: Traced) -> Traced { binary(.subtract, x, y, value: x.value - y.value) }
  public static func * (x: Traced, y: Traced) -> Traced { binary(.multiply, x, y, value: x.value * y.value) }
  public static func / (x: Traced, y: Traced) -> Traced { binary(.divide, x, y, value: x.value / y.value) }
  public static func += (x: inout Traced, y: Traced) { x = x + y }
  public static func -= (x: inout Traced, y: Traced) { x = x - y }
  public static func *= (x: inout Traced, y: Traced) { x = x * y }
  public static func /= (x: inout Traced, y: Traced) { x = x / y }
  public static prefix func - (x: Traced) -> Traced { unary(.negate, x, value: -x.value) }
  public mutating func negate() { self = -self }
  public mutating func formSquareRoot() { self = .unary(.squareRoot, self, value: value.squareRoot()) }
  public mutating func addProduct(_ x: Traced, _ y: Traced) {
    let z = self
    self = .recorded([x, y, z], value: z.value.addingProduct(x.value, y.value)) {
      .fusedMultiplyAdd($0[0], $0[1], $0[2])
    }
  }
  public mutating func formRemainder(dividingBy other: Traced) {
    self = Traced(value: read("the remainder").remainder(dividingBy: other.read("the remainder")))
  }
  public mutating func formTruncatingRemainder(dividingBy other: Traced) {
    self = Traced(value: read("the remainder").truncatingRemainder(dividingBy: other.read("the remainder")))
  }
  public mutating func round(_ rule: FloatingPointRoundingRule) {
    self = Traced(value: read("the rounded value").rounded(rule))
  }

  public func isEqual(to other: Traced) -> Bool { compared(to: other, .equal, value == other.value) }
  public func isLess(than other: Traced) -> Bool { compared(to: other, .less, value < other.value) }
  public func isLessThanOrEqualTo(_ other: Traced) -> Bool {
    compared(to: other, .lessOrEqual, value <= other.value)
  }
  public func isTotallyOrdered(belowOrEqualTo other: Traced) -> Bool {
    read("the order").isTotallyOrdered(belowOrEqualTo: other.read("the order"))
  }
  public static func == (x: Traced, y: Traced) -> Bool { x.isEqual(to: y) }
  public static func < (x: Traced, y: Traced) -> Bool { x.isLess(than: y) }
  public static func <= (x: Traced, y: Traced) -> Bool { x.isLessThanOrEqualTo(y) }
  public func hash(into hasher: inout Hasher) { hasher.combine(value) }
  public func distance(to other: Traced) -> Traced { other - self }
  public func advanced(by n: Traced) -> Traced { self + n }
}

extension Traced: Codable {
  public init(from decoder: any Decoder) throws { self.init(value: try Base(from: decoder)) }
  public func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }
}

extension Traced: SIMDScalar {
  public typealias SIMDMaskScalar = Int32
  public typealias SIMD2Storage = TracedStorage<Base>
  public typealias SIMD4Storage = TracedStorage<Base>
  public typealias SIMD8Storage = TracedStorage<Base>
  public typealias SIMD16Storage = TracedStorage<Base>
  public typealias SIMD32Storage = TracedStorage<Base>
  public typealias SIMD64Storage = TracedStorage<Base>
}

/// Every vector of traced scalars holds one, which stands for all.
public struct TracedStorage<Base: LaneScalar>: SIMDStorage, BitwiseCopyable, Sendable {
  var x = Traced<Base>(value: 0)
  public init() {}
  public var scalarCount: Int { 1 }
  public subscript(i: Int) -> Traced<Base> {
    get { x }
    set { x = newValue }
  }
}
