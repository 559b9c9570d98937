/// A parameter read in this package's order, [window…, inputs…, outputs…], although it is stored in another.
@usableFromInline
package struct SortedAxes: Sendable {
  /// Extents in this order.
  @usableFromInline let shape: [Int]
  /// What they count.
  @usableFromInline let axes: [AxisRole]
  /// For each extent: how many elements apart two neighbouring indices are in memory.
  @usableFromInline let strides: [Int]

  /// Nil if the parameter is stored in this order.
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

  /// Writes elements in this order back to where they are stored.
  @inlinable
  package func scatter<Scalar: LaneScalar>(_ elements: UnsafePointer<Scalar>, to memory: UnsafeMutablePointer<Scalar>) {
    forEachRow { first, place, count, stride in
      for i in 0..<count { memory[place + i * stride] = elements[first + i] }
    }
  }

  /// Calls `body` for each row: the number of its first element, where that is stored, the row's length and its
  /// stride.
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
