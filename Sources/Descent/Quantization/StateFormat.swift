import CLanes

/// How the numbers of a quantized state are stored: ``Block8`` or ``BFloat16``.
public protocol StateFormat: Sendable {
  /// The format's name: `block8`.
  static var name: String { get }
  /// Bits of a number.
  static var bits: Int { get }
  /// Whether every block of 64 has an offset.
  static var hasOffsets: Bool { get }
  /// How many random bits decide the rounding of a number: 2 to this power makes one step of a code.
  static var roundingBits: Int { get }
  /// The type of the codes in safetensors files.
  static var safetensorsName: String { get }

  /// Four lanes, each `stride` lanes after the one before. (Swift aligns nothing by more than 16 bytes; codes and lanes
  /// may be anywhere.)
  static func decode(
    _ codes: UnsafeRawPointer, offset: Int16, into x: UnsafeMutableRawPointer, stride: Int, nonNegative: Bool)
  /// Returns the offset.
  static func encode(
    _ x: UnsafeRawPointer, stride: Int, nonNegative: Bool, rounding r: UnsafeRawPointer,
    into codes: UnsafeMutableRawPointer
  ) -> Int16
  /// Whether a block may have `offset`.
  static func isValid(offset: Int16, nonNegative: Bool) -> Bool
  /// Where the code of number `i` of a block lies, in units of its size.
  static func position(of i: Int) -> Int
}

/// The codes of 64 numbers, 16 words for 8 bits.
public typealias CodeLane = SIMD16<UInt32>

extension StateFormat {
  /// Words of 16 lanes for the codes of a block.
  @inlinable static var lanesPerBlock: Int { bits / 8 }
}

/// Numbers in a block: four lanes of `Float`.
@usableFromInline let quantizedBlockCount = 64

/// Eight bits for a number, in blocks of 64 with an offset of 16 bits: 1.03 bytes.
///
/// A code is made of the top bits of a float, its exponent and three bits of its significand, less the block's offset.
/// So the codes of all blocks lie on one scale: floats with four significant bits. A number that does not change is
/// not rounded again when the largest of its block changes. Numbers are rounded up or down at random, with an exact
/// mean: so even a moving average that gains a thousandth a step reaches its value.
///
/// - A signed number has its sign and seven bits, down to 2⁻¹⁶ of the block's largest; below that it is 0.
/// - A nonnegative number has eight bits, down to 2⁻³² of the largest; below that it is the smallest code, not 0.
/// - An infinity or NaN is stored as NaN, and leaves the other numbers of its block as they are.
public struct Block8: StateFormat {
  public static var name: String { "block8" }
  @inlinable public static var bits: Int { 8 }
  @inlinable public static var hasOffsets: Bool { true }
  @inlinable public static var roundingBits: Int { 20 }
  public static var safetensorsName: String { "U8" }

  @inlinable @inline(__always)
  public static func decode(
    _ codes: UnsafeRawPointer, offset: Int16, into x: UnsafeMutableRawPointer, stride: Int, nonNegative: Bool
  ) {
    if offset < 0 {
      // Through a copy: lanes that are not passed to a call stay in registers.
      var copy = FourLanes(Float.Lane.zero)
      decodeWithNaN(codes, offset: offset, into: &copy, nonNegative: nonNegative)
      let size = MemoryLayout<Float.Lane>.size
      x.storeBytes(of: copy.a, as: Float.Lane.self)
      x.storeBytes(of: copy.b, toByteOffset: stride * size, as: Float.Lane.self)
      x.storeBytes(of: copy.c, toByteOffset: 2 * stride * size, as: Float.Lane.self)
      x.storeBytes(of: copy.d, toByteOffset: 3 * stride * size, as: Float.Lane.self)
    } else if nonNegative {
      lanes_decode_nonnegative(codes, Int32(offset) << 4, x, stride)
    } else {
      lanes_decode_signed(codes, Int32(offset) << 4, x, stride)
    }
  }

  @inlinable @inline(__always)
  public static func encode(
    _ x: UnsafeRawPointer, stride: Int, nonNegative: Bool, rounding r: UnsafeRawPointer,
    into codes: UnsafeMutableRawPointer
  ) -> Int16 {
    let offset =
      nonNegative
      ? lanes_encode_nonnegative(codes, x, stride, r) : lanes_encode_signed(codes, x, stride, r)
    if offset >= 0 { return Int16(truncatingIfNeeded: offset >> 4) }
    let size = MemoryLayout<Float.Lane>.size
    var copy = FourLanes(x.loadUnaligned(as: Float.Lane.self))
    copy.b = x.loadUnaligned(fromByteOffset: stride * size, as: Float.Lane.self)
    copy.c = x.loadUnaligned(fromByteOffset: 2 * stride * size, as: Float.Lane.self)
    copy.d = x.loadUnaligned(fromByteOffset: 3 * stride * size, as: Float.Lane.self)
    var random = FourLanes(r.loadUnaligned(as: CodeLane.self))
    random.b = r.loadUnaligned(fromByteOffset: size, as: CodeLane.self)
    random.c = r.loadUnaligned(fromByteOffset: 2 * size, as: CodeLane.self)
    random.d = r.loadUnaligned(fromByteOffset: 3 * size, as: CodeLane.self)
    return encodeWithNaN(&copy, nonNegative: nonNegative, rounding: &random, into: codes)
  }

  public static func isValid(offset: Int16, nonNegative: Bool) -> Bool {
    0...(0x7F7 - (nonNegative ? 255 : 127)) ~= offset & .max
  }

  public static func position(of i: Int) -> Int { i % 16 * 4 + i / 16 }

  // MARK: Blocks with numbers that are not finite: the offset is negative, and the largest code is NaN

  private static func largestCode(_ nonNegative: Bool) -> UInt32 { nonNegative ? 255 : 127 }

  @usableFromInline @inline(never)
  static func decodeWithNaN(
    _ codes: UnsafeRawPointer, offset: Int16, into x: UnsafeMutableRawPointer, nonNegative: Bool
  ) {
    let largest = largestCode(nonNegative)
    for i in 0..<quantizedBlockCount {
      let byte = UInt32(codes.load(fromByteOffset: position(of: i), as: UInt8.self))
      let code = byte & largest
      let magnitude = code == 0 ? 0 : Float(bitPattern: (code + UInt32(offset & .max)) << 20)
      x.storeBytes(
        of: code == largest ? .nan : byte == code ? magnitude : -magnitude,
        toByteOffset: 4 * i, as: Float.self)
    }
  }

  @usableFromInline @inline(never)
  static func encodeWithNaN(
    _ x: UnsafeRawPointer, nonNegative: Bool, rounding r: UnsafeRawPointer,
    into codes: UnsafeMutableRawPointer
  ) -> Int16 {
    let largest = Int(largestCode(nonNegative))
    func number(_ i: Int) -> Float {
      x.load(fromByteOffset: 4 * i, as: Float.self)
    }
    /// The top eleven bits of the magnitude, rounded, but not to infinity.
    func bits(_ i: Int) -> Int {
      min(Int((number(i).magnitude.bitPattern + r.load(fromByteOffset: 4 * i, as: UInt32.self)) >> 20), 0x7F7)
    }
    func isStored(_ i: Int) -> Bool { number(i).isFinite && !(nonNegative && number(i) < 0) }
    let offset = max(0, (0..<quantizedBlockCount).filter(isStored).map(bits).max().map { $0 - (largest - 1) } ?? 0)
    for i in 0..<quantizedBlockCount {
      var code = largest
      if isStored(i) {
        code = max(0, bits(i) - offset)
        if nonNegative, bits(i) > 0 { code = max(1, code) }
      }
      if !nonNegative, number(i).sign == .minus { code |= 128 }
      codes.storeBytes(of: UInt8(code), toByteOffset: position(of: i), as: UInt8.self)
    }
    return Int16(offset) | .min
  }
}

/// Sixteen bits for a number: the upper half of a float, rounded up or down at random, with an exact mean.
///
/// An infinity stays infinite, and NaN stays NaN; a number beyond the largest of 16 bits becomes the largest.
public struct BFloat16: StateFormat {
  public static var name: String { "bfloat16" }
  @inlinable public static var bits: Int { 16 }
  @inlinable public static var hasOffsets: Bool { false }
  @inlinable public static var roundingBits: Int { 16 }
  public static var safetensorsName: String { "BF16" }

  @inlinable @inline(__always)
  public static func decode(
    _ codes: UnsafeRawPointer, offset: Int16, into x: UnsafeMutableRawPointer, stride: Int, nonNegative: Bool
  ) {
    lanes_decode_bfloat16(codes, x, stride)
  }

  @inlinable @inline(__always)
  public static func encode(
    _ x: UnsafeRawPointer, stride: Int, nonNegative: Bool, rounding r: UnsafeRawPointer,
    into codes: UnsafeMutableRawPointer
  ) -> Int16 {
    lanes_encode_bfloat16(codes, x, stride, r)
    return 0
  }

  public static func isValid(offset: Int16, nonNegative: Bool) -> Bool { true }

  public static func position(of i: Int) -> Int { i / 32 * 32 + i % 16 * 2 + i / 16 % 2 }
}

extension StateFormat where Self == Block8 {
  /// 8 bits for a number, in blocks of 64.
  public static var block8: Block8 { Block8() }
}

extension StateFormat where Self == BFloat16 {
  /// 16 bits for a number.
  public static var bfloat16: BFloat16 { BFloat16() }
}
