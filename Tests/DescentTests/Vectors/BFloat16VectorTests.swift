import Descent
import Testing

@Suite struct BFloat16VectorTests {
  /// The nearer of the two neighbours, by exact differences.
  private static func nearest(_ x: Float) -> Float {
    guard x.isFinite else { return x }
    let low = Float(bitPattern: x.bitPattern & 0xFFFF_0000)
    let high = Float(bitPattern: (x.bitPattern & 0xFFFF_0000) &+ 0x1_0000)
    let limit = high.isFinite ? Double(high) : 0x1p128 * (x < 0 ? -1 : 1)
    let (down, up) = (abs(Double(x) - Double(low)), abs(limit - Double(x)))
    if down != up { return down < up ? low : high }
    return (low.bitPattern >> 16) % 2 == 0 ? low : high
  }

  @Test func roundsToTheNearest() throws {
    var stream = RandomStream(seed: 4, name: "bits")
    var numbers: [Float] = [0, -0.0, 1, .infinity, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude]
    // Ties, to both sides.
    numbers += [0x1.01p0, 0x1.03p0, 0x1.02fffep0, 0x1.010002p0, -0x1.01p-126, Float(bitPattern: 0x007F_FFFF)]
    while numbers.count < 5000 { numbers.append(Float(bitPattern: UInt32(truncatingIfNeeded: stream.next()))) }
    let rounded = try BFloat16Vector(rounding: ParameterVector(numbers)).values(of: "x")
    for (x, y) in zip(numbers, rounded) {
      if x.isNaN {
        #expect(y.isNaN)
      } else {
        #expect(y.bitPattern == Self.nearest(x).bitPattern, "\(x)")
      }
    }
    // A NaN whose mantissa bits are in the lower half alone.
    let nan = try BFloat16Vector(rounding: ParameterVector([Float(bitPattern: 0x7F80_0001)])).values(of: "x")
    #expect(nan[0].isNaN)
  }

  /// The master has the same bits as without the copy, and the copy is the rounded master: for plain, composed and
  /// quantized rules, and any number of threads.
  @Test(arguments: [1, 3])
  func theMasterIsTheFloatOptimizers(_ threads: Int) throws {
    try check(Adam(), threads)
    try check(Momentum(learningRate: 1e-4).decayed(by: 0.01).averaged(0.99), threads)
    try check(Adam().quantized(.block8), threads)
  }

  private func check(_ rule: some PassRule<Float>, _ threads: Int) throws {
    let layout = try ParameterLayout([("a", [100_100]), ("b", [7]), ("c", [20_000])])
    func noise(_ name: String) -> ParameterVector<Float> {
      var vector = ParameterVector<Float>(zeros: layout)
      var stream = RandomStream(seed: 2, name: name)
      vector.withUnsafeMutableElements { elements in
        for block in layout.blocks { stream.fillNormal(UnsafeMutableBufferPointer(rebasing: elements[block.elements])) }
      }
      return vector
    }
    var plain = noise("start")
    var master = plain
    var rounded = BFloat16Vector(rounding: master)
    let before = rounded
    var first = try Optimizer(rule, for: plain, threads: threads)
    try first.freeze("b")
    var second = first
    for t in 0..<3 {
      let g = noise("gradient \(t)")
      try first.step(&plain, gradient: g)
      try second.step(&master, gradient: g, rounded: &rounded)
    }
    #expect(plain == master)
    let fresh = BFloat16Vector(rounding: master)
    for block in layout.blocks { #expect(try rounded.values(of: block.name) == fresh.values(of: block.name)) }
    #expect(try before.values(of: "a") != rounded.values(of: "a"), "a copy keeps its values")
  }

  @Test func anotherLayoutIsRefused() throws {
    var θ = try ParameterVector<Float>([1, 2])
    var rounded = BFloat16Vector(rounding: try ParameterVector<Float>([1, 2, 3]))
    var optimizer = try Optimizer(Adam(), for: θ)
    #expect(throws: LayoutError.self) { try optimizer.step(&θ, gradient: θ, rounded: &rounded) }
    #expect(optimizer.stepCount == 0 && θ.values == [1, 2])
  }
}
