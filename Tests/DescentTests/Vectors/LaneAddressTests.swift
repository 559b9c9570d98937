import CLanes
import Descent
import TestSupport
import Testing

/// C functions that get lanes by address accept any element's address. Code that does not know the type keeps lanes
/// where Swift puts them, at multiples of 16 bytes.
@Suite struct LaneAddressTests {
  typealias Function = (_ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer) -> Void

  private func expectAnyAddress<Scalar: LaneScalar>(
    _: Scalar.Type, _ functions: KeyValuePairs<String, (call: Function, value: (Scalar.Lane) -> Scalar.Lane)>
  ) {
    let size = MemoryLayout<Scalar.Lane>.size
    let element = MemoryLayout<Scalar>.size
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 4 * size, alignment: 64)
    defer { memory.deallocate() }
    var x = Scalar.Lane.zero
    for i in x.indices { x[i] = Scalar(i) / 7 + 0.25 }
    for (name, function) in functions {
      for offset in stride(from: 0, through: 64, by: element) {
        let (input, output) = (memory + offset, memory + 2 * size + offset)
        input.storeBytes(of: x, as: Scalar.Lane.self)
        function.call(input, output)
        #expect(output.loadUnaligned(as: Scalar.Lane.self) == function.value(x), "\(name) at \(offset)")
      }
    }
  }

  @Test func functionsOfALane() {
    expectAnyAddress(
      Float.self,
      [
        "exp": (lanes_exp_f32, Float.exponential), "log": (lanes_log_f32, Float.logarithm),
        "cbrt": (lanes_cbrt_f32, Float.cubeRoot), "sigmoid": (lanes_sigmoid_f32, Float.sigmoid),
        "pow": ({ lanes_pow_f32($0, 0.3, $1) }, { Float.power($0, 0.3) }),
      ])
    expectAnyAddress(
      Double.self,
      [
        "exp": (lanes_exp_f64, Double.exponential), "log": (lanes_log_f64, Double.logarithm),
        "cbrt": (lanes_cbrt_f64, Double.cubeRoot), "sigmoid": (lanes_sigmoid_f64, Double.sigmoid),
        "pow": ({ lanes_pow_f64($0, 0.3, $1) }, { Double.power($0, 0.3) }),
      ])
  }

  @Test func randomNumbersAndBFloat16() {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 1024, alignment: 64)
    defer { memory.deallocate() }
    for offset in stride(from: 4, through: 64, by: 4) {
      let words = (memory + offset).assumingMemoryBound(to: UInt32.self)
      lanes_philox(3, 1, 2, words, 16)
      lanes_normals(words, 2)
      #expect((0..<64).allSatisfy { (memory + offset).load(fromByteOffset: 4 * $0, as: Float.self).isFinite })
      let halves = (memory + 512 + offset / 2).assumingMemoryBound(to: UInt16.self)
      lanes_round_bfloat16(UnsafeRawPointer(words).assumingMemoryBound(to: Float.self), halves, 64)
      for i in 0..<64 {
        let exact = (memory + offset).load(fromByteOffset: 4 * i, as: Float.self)
        #expect(abs(Float(bitPattern: UInt32(halves[i]) << 16) - exact) <= abs(exact) * 0x1p-8)
      }
    }
  }

  /// A quantized state's numbers, at multiples of 16 bytes.
  @Test func codes() {
    func check<Format: StateFormat>(_: Format.Type) {
      let memory = UnsafeMutableRawPointer.allocate(byteCount: 2048, alignment: 64)
      defer { memory.deallocate() }
      for offset in stride(from: 0, through: 64, by: 16) {
        let (x, r, codes, y) = (memory + offset, memory + 512 + offset, memory + 1024 + offset, memory + 1536 + offset)
        for i in 0..<64 {
          x.storeBytes(of: Float(i % 7 + 1), toByteOffset: 4 * i, as: Float.self)
          r.storeBytes(of: 1 << UInt32(Format.roundingBits - 1), toByteOffset: 4 * i, as: UInt32.self)
        }
        for nonNegative in [false, true] {
          let start = Format.encode(x, stride: 1, nonNegative: nonNegative, rounding: r, into: codes)
          Format.decode(codes, offset: start, into: y, stride: 1, nonNegative: nonNegative)
          for i in 0..<64 {
            #expect(y.load(fromByteOffset: 4 * i, as: Float.self) == Float(i % 7 + 1), "\(Format.self) at \(offset)")
          }
        }
      }
    }
    check(Block8.self)
    check(BFloat16.self)
  }
}
