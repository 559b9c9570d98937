import TestSupport
import Testing

@testable import Descent

/// The codes of one block, as optimizer steps write them.
@Suite struct CodeTests {
  struct Block {
    var codes: [CodeLane]
    var offset: Int16
  }

  static func encode<Format: StateFormat>(
    _ numbers: [Float], _: Format, nonNegative: Bool, rounding: [UInt32]
  ) -> Block {
    var x = (0..<4).map { k in SIMD16<Float>(numbers[16 * k..<16 * k + 16]) }
    var r = (0..<4).map { k in CodeLane(rounding[16 * k..<16 * k + 16]) }
    var codes = Array(repeating: CodeLane.zero, count: Format.lanesPerBlock)
    let offset = Format.encode(&x, stride: 1, nonNegative: nonNegative, rounding: &r, into: &codes)
    return Block(codes: codes, offset: offset)
  }

  static func decode<Format: StateFormat>(_ block: Block, _: Format, nonNegative: Bool) -> [Float] {
    var x = Array(repeating: SIMD16<Float>.zero, count: 4)
    var codes = block.codes
    Format.decode(&codes, offset: block.offset, into: &x, stride: 1, nonNegative: nonNegative)
    return x.flatMap { lane in lane.indices.map { lane[$0] } }
  }

  /// Code number `i`, in the layout that the file format documents.
  static func code<Format: StateFormat>(_ i: Int, of block: Block, _: Format) -> Int {
    block.codes.withUnsafeBytes { bytes in
      let position: Int = Format.position(of: i)
      if Format.bits == 8 { return Int(bytes[position]) }
      let (low, high) = (Int(bytes[2 * position]), Int(bytes[2 * position + 1]))
      return low | high << 8
    }
  }

  static let nearest8 = Array(repeating: 1 << 19 as UInt32, count: 64)
  static let nearest16 = Array(repeating: 1 << 15 as UInt32, count: 64)

  /// The value of a code according to the file format.
  static func value(_ code: Int, offset: Int16, nonNegative: Bool) -> Float {
    let magnitude = nonNegative ? code : code % 128
    let x = magnitude == 0 ? 0 : Float(bitPattern: UInt32(magnitude + Int(offset)) << 20)
    return !nonNegative && code >= 128 ? -x : x
  }

  @Test(arguments: [0, 8, 500, 900, 1780] as [Int16], [false, true])
  func every8BitCodeComesBack(offset: Int16, nonNegative: Bool) {
    // Four codes at each byte position, and the largest number in every block, so that the offset is the same.
    for first in stride(from: 0, to: 256, by: 63) {
      let codes = (0..<64).map { $0 == 63 ? (nonNegative ? 255 : 127) : min(first + $0, 255) }
      let numbers = codes.map { Self.value($0, offset: offset, nonNegative: nonNegative) }
      for rounding in [0, 1 << 19, 1 << 20 - 1] as [UInt32] {
        let block = Self.encode(
          numbers, Block8(), nonNegative: nonNegative, rounding: Array(repeating: rounding, count: 64))
        #expect(block.offset == offset)
        for i in 0..<64 where nonNegative || codes[i] != 128 {
          #expect(Self.code(i, of: block, Block8()) == codes[i], "number \(i), rounding \(rounding)")
        }
        #expect(Self.decode(block, Block8(), nonNegative: nonNegative) == numbers)
      }
    }
  }

  @Test func everyBFloat16ComesBack() {
    for first in stride(from: 0, to: 1 << 16, by: 64) {
      // One expectation for 64 codes, because an expectation takes longer than they do.
      let numbers = (0..<64).map { Float(bitPattern: UInt32(first + $0) << 16) }
      for rounding in [0, 1 << 15, 1 << 16 - 1] as [UInt32] {
        let block = Self.encode(
          numbers, BFloat16(), nonNegative: false, rounding: Array(repeating: rounding, count: 64))
        #expect((0..<64).allSatisfy { Self.code($0, of: block, BFloat16()) == first + $0 })
        #expect(Self.decode(block, BFloat16(), nonNegative: false).map(\.bitPattern) == numbers.map(\.bitPattern))
      }
    }
  }

  @Test(arguments: [false, true])
  func roundingIsToANeighbourAndUnbiased(nonNegative: Bool) {
    var stream = RandomStream(seed: 3, name: "numbers")
    let numbers = (0..<64).map { i -> Float in
      // Over ten powers of two, none below all codes.
      let x = Float(stream.uniform(in: 1..<8)) * Float(sign: .plus, exponent: -(i % 8), significand: 1)
      return nonNegative ? x * x : i % 3 == 0 ? -x : x
    }
    let count = 1000
    var sums = Array(repeating: 0.0, count: 64)
    var largestError = Array(repeating: 0.0, count: 64)
    for _ in 0..<count {
      let rounding = (0..<64).map { _ in UInt32(stream.next() & 0xF_FFFF) }
      let block = Self.encode(numbers, Block8(), nonNegative: nonNegative, rounding: rounding)
      for (i, x) in Self.decode(block, Block8(), nonNegative: nonNegative).enumerated() {
        sums[i] += Double(x)
        largestError[i] = max(largestError[i], Double((x - numbers[i]).magnitude))
      }
    }
    for i in 0..<64 {
      // A step of the code: a 16th of a number in [1, 2) times an exponent is 2⁻³ of that exponent.
      let step = Double(Float(sign: .plus, exponent: numbers[i].exponent, significand: 1)) / 8
      #expect(largestError[i] < step)
      // The standard deviation of the error is at most half a step.
      #expect(abs(sums[i] / Double(count) - Double(numbers[i])) < 5 * step / 2 / Double(count).squareRoot())
    }
  }

  @Test func smallNumbersAreNotLostFromADivisor() {
    var numbers = Array(repeating: Float.leastNonzeroMagnitude, count: 64)
    numbers[0] = 1e20
    numbers[1] = 0
    numbers[2] = 1e-30
    for rounding in [0, 1 << 19, 1 << 20 - 1] as [UInt32] {
      let block = Self.encode(
        numbers, Block8(), nonNegative: true, rounding: Array(repeating: rounding, count: 64))
      let decoded = Self.decode(block, Block8(), nonNegative: true)
      #expect(decoded[1] == 0)
      #expect(decoded[2] > 0 && decoded[2] < 1e20 * 0x1p-31)
    }
  }

  @Test(arguments: [false, true], [Float.nan, -Float.nan, .infinity, -.infinity, .greatestFiniteMagnitude])
  func numbersThatAreNotFiniteLeaveOthersAlone(nonNegative: Bool, bad: Float) {
    var numbers = (0..<64).map { Float($0) / 7 - (nonNegative ? 0 : 4) }
    numbers[0] = 0
    let clean = Self.decode(
      Self.encode(numbers, Block8(), nonNegative: nonNegative, rounding: Self.nearest8), Block8(),
      nonNegative: nonNegative)
    numbers[9] = bad
    numbers[40] = bad
    let block = Self.encode(numbers, Block8(), nonNegative: nonNegative, rounding: Self.nearest8)
    let decoded = Self.decode(block, Block8(), nonNegative: nonNegative)
    if bad.isFinite {
      #expect(decoded[9].isFinite && decoded[9] > 3e38)
      return
    }
    for i in 0..<64 {
      if i == 9 || i == 40 { #expect(decoded[i].isNaN) } else { #expect(decoded[i] == clean[i]) }
    }
    #expect(Block8.isValid(offset: block.offset, nonNegative: nonNegative))
  }

  @Test func bfloat16MakesNoInfinityOfTheLargestNumbers() {
    let largest = Float.greatestFiniteMagnitude
    let numbers = Array(repeating: largest, count: 32) + Array(repeating: -largest, count: 32)
    for r in [0, 1, 1 << 15, 1 << 16 - 1] as [UInt32] {
      let block = Self.encode(numbers, BFloat16(), nonNegative: false, rounding: Array(repeating: r, count: 64))
      let decoded = Self.decode(block, BFloat16(), nonNegative: false)
      for i in 0..<64 { #expect(decoded[i].isFinite && abs(decoded[i] / numbers[i] - 1) < 0x1p-7) }
    }
  }

  @Test func bfloat16KeepsWhatIsNotFinite() {
    let numbers: [Float] = [.nan, -.nan, .infinity, -.infinity, Float(bitPattern: ~0), Float(bitPattern: 0x7FFF_FFFF)]
    let padded = numbers + Array(repeating: 1, count: 58)
    let block = Self.encode(
      padded, BFloat16(), nonNegative: false, rounding: Array(repeating: 1 << 16 - 1, count: 64))
    let decoded = Self.decode(block, BFloat16(), nonNegative: false)
    for i in [0, 1, 4, 5] { #expect(decoded[i].isNaN) }
    #expect(decoded[2] == .infinity && decoded[3] == -.infinity && decoded[6] == 1)
  }
}
