import Descent

/// The input and the output gradient of a layer, as the backward pass has them.
struct LayerRows {
  enum Inputs {
    /// A row for each example.
    case rows(UnsafePointer<Float>)
    /// Images; a row is the window at one position.
    case windows(UnsafePointer<Float>, Window)
  }

  let inputs: Inputs
  let outputGradients: UnsafePointer<Float>
  let exampleCount: Int
  let rowCount: Int
}

/// Hands the statistics of layers to somebody outside of the engine while a backward pass has them.
final class LayerObserver {
  typealias Body = (LayerStatistics<Float>) throws -> Void

  private let engine: Engine
  private let layout: ParameterLayout
  private let layers: [FactoredLayer]
  private var seen: Set<Int> = []
  private let body: Body
  /// What `body` has thrown.
  private(set) var failure: (any Error)?

  init(_ layout: ParameterLayout, engine: Engine, _ body: @escaping Body) {
    self.layout = layout
    layers = layout.factoredLayers
    self.engine = engine
    self.body = body
  }

  func observe(weight: Int, _ rows: LayerRows) throws(NetworkError) {
    guard failure == nil, let layer = layers.firstIndex(where: { $0.weight == weight }) else { return }
    guard seen.insert(layer).inserted else { throw .sharedWeights(layout.blocks[weight].name) }
    switch rows.inputs {
    case .rows(let x): report(layer, rows, examples: 0..<rows.exampleCount, inputs: x)
    case .windows(let images, let window):
      let (places, size) = (rows.rowCount / rows.exampleCount, layers[layer].inputCount)
      let part = max(1, Self.partCount / (places * size))
      let patches = engine.pool.buffer(count: min(part, rows.exampleCount) * places * size)
      for first in stride(from: 0, to: rows.exampleCount, by: part) {
        let examples = first..<min(first + part, rows.exampleCount)
        engine.inParallel(examples.count, grain: 1) { chunk in
          for i in chunk {
            window.gatherPatches(
              of: images + (examples.lowerBound + i) * window.input.reduce(1, *),
              into: patches.elements + i * places * size)
          }
        }
        report(layer, rows, examples: examples, inputs: patches.elements)
      }
    }
  }

  /// Numbers of the windows that are gathered at once.
  private static let partCount = 1 << 22

  private func report(_ layer: Int, _ rows: LayerRows, examples: Range<Int>, inputs: UnsafePointer<Float>) {
    let places = rows.rowCount / rows.exampleCount
    let (rowCount, outputs) = (examples.count * places, layers[layer].outputCount)
    let statistics = LayerStatistics<Float>(
      layer: layer, batchCount: rows.exampleCount, exampleCount: examples.count,
      inputs: MatrixView(inputs, rows: rowCount, columns: layers[layer].inputCount),
      outputGradients: MatrixView(
        rows.outputGradients + examples.lowerBound * places * outputs, rows: rowCount, columns: outputs)
    ) { [engine] in try engine.multiply($0, $1, into: $2, adds: $3) }
    do { try body(statistics) } catch { failure = error }
  }
}

extension Window {
  /// Writes the window at each position of one image as a row: [window height, window width, channels], zeros where it
  /// lies in the margin.
  func gatherPatches(of image: UnsafePointer<Float>, into rows: UnsafeMutablePointer<Float>) {
    let (height, width, channels) = (input[0], input[1], input[2])
    var target = rows
    for y in 0..<output[0] {
      for x in 0..<output[1] {
        for i in 0..<sliding.height {
          let row = y * sliding.strideY + i - top
          for j in 0..<sliding.width {
            let column = x * sliding.strideX + j - left
            if 0..<height ~= row, 0..<width ~= column {
              target.update(from: image + (row * width + column) * channels, count: channels)
            } else {
              target.update(repeating: 0, count: channels)
            }
            target += channels
          }
        }
      }
    }
  }
}

extension Engine {
  /// C ← A B or C ← C + A B. A and B, or their transposes, are row-major without gaps; C is symmetric if A is Bᵀ.
  func multiply(
    _ a: MatrixView<Float>, _ b: MatrixView<Float>, into c: UnsafeMutablePointer<Float>, adds: Bool
  ) throws(NetworkError) {
    if a.elements == b.elements, a.rows == b.columns, a.isTransposed != b.isTransposed {
      // Half of it is enough, which oneDNN cannot know.
      return Float.multiply(a, b, into: c, part: .symmetric, adds: adds, threads: threadCount)
    }
    try multiply(
      a.elements, b.elements, into: c,
      Product(
        m: a.rows, n: b.columns, k: a.columns, transposesA: a.isTransposed, transposesB: b.isTransposed,
        accumulates: adds))
  }
}

extension MatrixView {
  /// Whether the memory holds the transpose, row-major without gaps.
  fileprivate var isTransposed: Bool { columnStride != 1 }
}
