/// A parameter read in this package's order, [window…, inputs…, outputs…], and where its elements lie.
@usableFromInline
package struct SortedAxes: Sendable {
  /// Extents in this order.
  @usableFromInline let shape: [Int]
  /// What they count.
  @usableFromInline let axes: [AxisRole]
  /// Elements of the memory between two indices of each.
  @usableFromInline let strides: [Int]

  /// Nil if the parameter lies in this order.
  @usableFromInline
  package init?(_ block: ParameterLayout.Block) {
    let order = AxisRole.allCases.flatMap { role in block.axes.indices.filter { block.axes[$0] == role } }
    guard order != Array(block.axes.indices) else { return nil }
    shape = order.map { block.shape[$0] }
    axes = order.map { block.axes[$0] }
    strides = order.map { block.shape[($0 + 1)...].reduce(1, *) }
  }

  /// The elements in this order.
  @inlinable
  func gather<Scalar: LaneScalar>(_ memory: UnsafePointer<Scalar>) -> LaneArray<Scalar> {
    var array = LaneArray<Scalar>(zeros: shape)
    let elements = array.mutableElements()
    forEachRow { first, place, count, stride in
      for i in 0..<count { elements[first + i] = memory[place + i * stride] }
    }
    return array
  }

  /// Puts elements in this order where they lie.
  @inlinable
  package func scatter<Scalar: LaneScalar>(_ elements: UnsafePointer<Scalar>, to memory: UnsafeMutablePointer<Scalar>) {
    forEachRow { first, place, count, stride in
      for i in 0..<count { memory[place + i * stride] = elements[first + i] }
    }
  }

  /// Calls `body` with the number of each row's first element, where it lies, the row's length and its stride.
  @inlinable
  func forEachRow(_ body: (_ first: Int, _ place: Int, _ count: Int, _ stride: Int) -> Void) {
    func visit(_ axis: Int, _ number: Int, _ place: Int) {
      let first = number * shape[axis]
      if axis == shape.count - 1 { return body(first, place, shape[axis], strides[axis]) }
      for i in 0..<shape[axis] { visit(axis + 1, first + i, place + i * strides[axis]) }
    }
    visit(0, 0, 0)
  }
}
