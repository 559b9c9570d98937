// Prints a hash of the bits that each method leaves in the parameters and in its state after 200 steps. The same on
// every machine, for every compiler flag and number of threads; the last line tells whether the system's mathematical
// functions, from which coefficients in Double are computed once a step, are the same too.

import Descent
import DescentCatalogue

// A scalar, partial lanes, and enough elements for several threads.
let layout = try ParameterLayout([("scalar", []), ("few", [13]), ("matrix", [3, 37]), ("many", [100_003])])
let steps = 200
let threads = 3

/// Numbers over 30 powers of two and both signs, exact in `Float`; every 16th is zero.
func fillGradient<Scalar>(_ gradient: inout ParameterVector<Scalar>, step: Int) {
  var stream = RandomStream(seed: 1, name: "gradient").substream(UInt64(step))
  gradient.withUnsafeMutableElements { elements in
    for block in layout.blocks {
      var words = [UInt32](repeating: 0, count: block.count)
      words.withUnsafeMutableBufferPointer { stream.fillWords($0) }
      for (i, word) in words.enumerated() {
        let significand = Float(Int32(bitPattern: word) >> 12) * 0x1p-19
        let scale = Float(sign: .plus, exponent: Int(word & 31) - 20, significand: 1)
        elements[block.offset + i] = word & 0x1E0 == 0 ? 0 : Scalar(significand * scale)
      }
    }
  }
}

/// FNV-1a of the bytes, in little-endian order.
func hash<T>(_ values: [T], _ start: UInt64 = 0xCBF2_9CE4_8422_2325) -> UInt64 {
  values.withUnsafeBytes { $0.reduce(start) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 } }
}

func line(_ name: String, _ hash: UInt64) {
  let digits = String(hash, radix: 16)
  print(name, String(repeating: "0", count: 16 - digits.count) + digits)
}

func printFingerprints<Scalar>(
  _ scalar: String, from start: ParameterVector<Scalar>,
  _ optimizers: [(label: String, optimizer: AnyOptimizer<Scalar>)]
) throws {
  var optimizers = optimizers
  var θ = optimizers.map { _ in start }
  var gradient = ParameterVector<Scalar>(zeros: layout)
  // The curvature of the methods that divide by one.
  var ones = gradient
  for block in layout.blocks { try ones.assign(Array(repeating: 1, count: block.count), to: block.name) }
  for i in optimizers.indices {
    if let slot = optimizers[i].optimizer.curvatureSlot { try optimizers[i].optimizer.assign(ones, toSlot: slot) }
  }
  for step in 1...steps {
    fillGradient(&gradient, step: step)
    for i in optimizers.indices { try optimizers[i].optimizer.step(&θ[i], gradient: gradient) }
  }
  for (i, (label, optimizer)) in optimizers.enumerated() {
    let checkpoint = try optimizer.checkpoint(θ[i])
    let slots = checkpoint.slots.sorted { $0.key < $1.key }
    line("\(scalar) \(label)", slots.reduce(hash(checkpoint.parameters.values)) { hash($1.value.values, $0) })
  }
}

var start = ParameterVector<Float>(zeros: layout)
fillGradient(&start, step: 0)
var optimizers = try Catalogue.methods.map {
  (label: $0.name, optimizer: try $0.configured().optimizer(for: start, threads: threads))
}
let composed = Adam<Float>().decayed(by: 1e-4, coupling: .independent).penalized(by: 1e-3).clipped(to: 4).averaged(0.99)
optimizers.append(("adam+all", AnyOptimizer(try Optimizer(composed, for: start, threads: threads))))
let block8 = composed.quantized(.block8)
optimizers.append(("adam+all in block8", AnyOptimizer(try Optimizer(block8, for: start, threads: threads))))
let bfloat16 = composed.quantized(.bfloat16)
optimizers.append(("adam+all in bfloat16", AnyOptimizer(try Optimizer(bfloat16, for: start, threads: threads))))
try printFingerprints("float", from: start, optimizers)

var wideStart = ParameterVector<Double>(zeros: layout)
fillGradient(&wideStart, step: 0)
var wideOptimizers = try Catalogue.methods.map {
  (label: $0.name, optimizer: try $0.configured().optimizer(for: wideStart, threads: threads))
}
// Compositions that are not specialized: their lanes lie where the generic pass puts them.
for (name, additions) in [
  ("madgrad", Method.Composition(average: .exponential(0.9))), ("diffgrad", Method.Composition(penalty: 0.1)),
] {
  let configured = try Catalogue.method(named: name).method.configured(with: additions)
  wideOptimizers.append(("\(name) composed", try configured.optimizer(for: wideStart, threads: threads)))
}
try printFingerprints("double", from: wideStart, wideOptimizers)

line("libm", hash((1...steps).map { Adam<Double>().coefficients(at: $0) }))
