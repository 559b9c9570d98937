/// How ``MiniBlockFisher`` cuts one parameter into blocks, and what it does with them.
///
/// The numbers of block b are the elements i · `elementStride` + b · `blockStride`, i = 0, …, order − 1, of the parameter
/// in this package's order of axes.
struct MiniBlocks: Sendable {
  enum Kind: Sendable {
    /// One number for each element.
    case diagonal
    /// A matrix for each block.
    case separate
    /// One matrix, the mean of all blocks'.
    case averaged
  }

  let kind: Kind
  /// Numbers in a block.
  let order: Int
  /// Number of blocks.
  let count: Int
  let elementStride, blockStride: Int
  /// Where the parameter's factors and inverses start, in numbers.
  let factorOffset, inverseOffset: Int

  /// Up to this order, each block's matrix is an element of lanes.
  private static let largestSmallOrder = 32
  /// No product of an inverse and a gradient overflows.
  private static let limit = 0x1p500
  private static let width = Double.laneWidth
  /// Lanes of blocks that one task works on.
  private static let groupsOfATask = 32

  init(
    _ shape: [Int], _ axes: [AxisRole], _ denseBlocks: DenseBlocks, factorOffset: Int = 0, inverseOffset: Int = 0
  ) {
    let fans = Fans(shape, axes)
    let isMatrix = fans.isMatrix
    let hasWindow = axes.contains(.window)
    (self.factorOffset, self.inverseOffset) = (factorOffset, inverseOffset)
    switch (isMatrix, hasWindow, denseBlocks) {
    case (false, _, _):
      (kind, order, count, elementStride, blockStride) = (.diagonal, 1, shape.reduce(1, *), 1, 1)
    case (true, true, _):
      let kernels = fans.inputs * fans.outputs
      (kind, order, count, elementStride, blockStride) = (.separate, fans.window, kernels, kernels, 1)
    case (true, false, .rows):
      (kind, order, count, elementStride, blockStride) = (.separate, fans.inputs, fans.outputs, fans.outputs, 1)
    case (true, false, .columns):
      (kind, order, count, elementStride, blockStride) = (.separate, fans.outputs, fans.inputs, 1, fans.outputs)
    case (true, false, .columnsAveraged):
      (kind, order, count, elementStride, blockStride) = (.averaged, fans.outputs, fans.inputs, 1, fans.outputs)
    }
  }

  /// Those of all parameters of a layout, one after the other.
  static func all(of layout: ParameterLayout, _ denseBlocks: DenseBlocks) -> [MiniBlocks] {
    var (factors, inverses) = (0, 0)
    return layout.blocks.map { block in
      let sorted = SortedAxes(block)
      let blocks = MiniBlocks(
        sorted?.shape ?? block.shape, sorted?.axes ?? block.axes, denseBlocks, factorOffset: factors,
        inverseOffset: inverses)
      factors += Int(blocks.factorCount)
      inverses += Int(blocks.inverseCount)
      return blocks
    }
  }

  private var isSmall: Bool { order <= Self.largestSmallOrder }
  private var small: SmallMatrices<Double> { SmallMatrices(order: order) }
  private var groups: Int { (count + Self.width - 1) / Self.width }
  private var groupSize: Int { small.laneCount * Self.width }

  /// Numbers of the factors, in whole lanes. In `Double`, because a mistaken choice of blocks may ask for any memory.
  var factorCount: Double {
    func padded(_ x: Double) -> Double { (x / Double(Self.width)).rounded(.up) * Double(Self.width) }
    switch kind {
    case .diagonal: return padded(Double(count))
    case .separate where isSmall: return Double(groups) * Double(groupSize)
    case .separate: return padded(Double(order) * Double(order) * Double(count))
    case .averaged: return padded(Double(order) * Double(order))
    }
  }

  /// Numbers of the inverses.
  var inverseCount: Double { kind == .diagonal ? 0 : factorCount }

  /// F ← (F − w F) + w g gᵀ. If `isSingle`, the mean of blocks is a ``SingleProduct``.
  func accumulate(
    _ g: [Double], into factors: UnsafeMutablePointer<Double>, weight w: Double, isSingle: Bool, threads: Int
  ) {
    let factors = factors + factorOffset
    switch kind {
    case .diagonal: break
    case .separate where isSmall:
      forEachGroup(threads) { group, x, _ in
        gather(g, group, into: x)
        small.average(lanes(factors, group), toward: x, weight: w)
      }
    case .separate:
      forEachTask(count, threads: threads) { b in
        let (x, f) = (vector(b, of: g), factors + b * order * order)
        for i in 0..<order {
          let (row, factor) = (f + i * order, w * x[i])
          for j in 0..<order { row[j] = (row[j] - w * row[j]) + factor * x[j] }
        }
      }
    case .averaged:
      withTemporaryMemory(of: Double.self, count: order * order) { square in
        g.withUnsafeBufferPointer { g in
          let g = MatrixView(g.baseAddress!, rows: count, columns: order)
          if isSingle {
            SingleProduct.multiply(g.transposed, g, into: square.baseAddress!, part: .symmetric, threads: threads)
          } else {
            Double.multiply(g.transposed, g, into: square.baseAddress!, part: .symmetric, threads: threads)
          }
        }
        for k in square.indices { square[k] /= Double(count) }
        DenseLoops.average(square.baseAddress!, into: factors, weight: w, count: square.count)
      }
    }
  }

  /// (F + λ I)⁻¹.
  func invert(
    _ factors: UnsafePointer<Double>, damping λ: Double, into inverses: UnsafeMutablePointer<Double>, threads: Int
  ) {
    let (factors, inverses) = (factors + factorOffset, inverses + inverseOffset)
    switch kind {
    case .diagonal: break
    case .separate where isSmall:
      forEachGroup(threads) { group, _, _ in
        small.invert(
          lanes(UnsafeMutablePointer(mutating: factors), group), damping: λ, limit: Self.limit,
          into: lanes(inverses, group))
      }
    case .separate, .averaged:
      let matrices = kind == .averaged ? 1 : count
      forEachTask(matrices, threads: threads) { b in
        DampedInverse.compute(
          factors + b * order * order, order: order, damping: λ, limit: Self.limit,
          into: inverses + b * order * order, threads: matrices < threads ? threads : 1)
      }
    }
  }

  /// Each block of m times its inverse. If `isSingle`, that of all blocks is a ``SingleProduct``.
  func precondition(_ m: [Double], by inverses: UnsafePointer<Double>, isSingle: Bool, threads: Int) -> [Double] {
    let inverses = inverses + inverseOffset
    return [Double](unsafeUninitializedCapacity: m.count) { d, initialized in
      nonisolated(unsafe) let d = d.baseAddress!
      initialized = m.count
      switch kind {
      case .diagonal: d.update(from: m, count: m.count)
      case .separate where isSmall:
        forEachGroup(threads) { group, x, y in
          gather(m, group, into: x)
          small.multiply(lanes(UnsafeMutablePointer(mutating: inverses), group), x, into: y)
          scatter(y, group, to: d)
        }
      case .separate:
        forEachTask(count, threads: threads) { b in
          let (x, inverse) = (vector(b, of: m), inverses + b * order * order)
          for i in 0..<order {
            d[i * elementStride + b * blockStride] = DenseLoops.dot(inverse + i * order, x, count: order)
          }
        }
      case .averaged:
        m.withUnsafeBufferPointer { m in
          let m = MatrixView(m.baseAddress!, rows: count, columns: order)
          let inverse = MatrixView(inverses, rows: order, columns: order)
          if isSingle {
            SingleProduct.multiply(m, inverse, into: d, threads: threads)
          } else {
            Double.multiply(m, inverse, into: d, threads: threads)
          }
        }
      }
    }
  }

  private func vector(_ b: Int, of x: [Double]) -> [Double] {
    (0..<order).map { x[$0 * elementStride + b * blockStride] }
  }

  private func lanes(_ memory: UnsafeMutablePointer<Double>, _ group: Int) -> UnsafeMutablePointer<Double.Lane> {
    UnsafeMutableRawPointer(memory + group * groupSize).assumingMemoryBound(to: Double.Lane.self)
  }

  /// Calls `body` with each lane of blocks, and memory for two vectors of them.
  private func forEachGroup(
    _ threads: Int,
    _ body:
      @escaping (
        _ group: Int, _ x: UnsafeMutablePointer<Double.Lane>, _ y: UnsafeMutablePointer<Double.Lane>
      ) -> Void
  ) {
    let tasks = (groups + Self.groupsOfATask - 1) / Self.groupsOfATask
    forEachTask(tasks, threads: threads) { task in
      withTemporaryMemory(of: Double.Lane.self, count: 2 * order) { memory in
        let x = memory.baseAddress!
        for group in task * Self.groupsOfATask..<min((task + 1) * Self.groupsOfATask, groups) {
          body(group, x, x + order)
        }
      }
    }
  }

  /// One lane for each element of the blocks; zero beyond the last block.
  private func gather(_ x: [Double], _ group: Int, into lanes: UnsafeMutablePointer<Double.Lane>) {
    let first = group * Self.width
    let present = min(Self.width, count - first)
    x.withUnsafeBufferPointer { x in
      for i in 0..<order {
        let source = x.baseAddress! + i * elementStride + first * blockStride
        if blockStride == 1 {
          lanes[i] = Double.load(source, count: present)
        } else {
          lanes[i] = .zero
          for b in 0..<present { lanes[i][b] = source[b * blockStride] }
        }
      }
    }
  }

  private func scatter(_ lanes: UnsafePointer<Double.Lane>, _ group: Int, to x: UnsafeMutablePointer<Double>) {
    let first = group * Self.width
    let present = min(Self.width, count - first)
    for i in 0..<order {
      let target = x + i * elementStride + first * blockStride
      for b in 0..<present { target[b * blockStride] = lanes[i][b] }
    }
  }
}
