/// The named, shaped blocks of a parameter vector: where each block lies, and which of its extents are inputs and
/// which are outputs.
///
/// Every block starts on a multiple of ``alignment`` elements, so that no SIMD lane, and no group of 64 numbers in a
/// quantized state, belongs to two blocks; the gaps are zero in θ and in the gradient. Layouts of `Float` and `Double`
/// vectors are the same.
public struct ParameterLayout: Hashable, Sendable, Codable {
  /// One tensor of the vector.
  public struct Block: Hashable, Sendable, Codable {
    /// Unique within the layout, for example `dense1.weight`.
    public let name: String
    /// Row-major extents; empty for a scalar.
    public let shape: [Int]
    /// What each extent counts.
    public let axes: [AxisRole]
    /// Position of the first element.
    public let offset: Int
    /// Number of elements: the product of the shape.
    public let count: Int

    /// The elements' positions.
    public var elements: Range<Int> { offset..<(offset + count) }
    /// Numbers of inputs and outputs.
    public var fans: Fans { Fans(shape, axes) }
  }

  /// Elements between possible starts of blocks: four of the widest lanes.
  @inlinable public static var alignment: Int { 64 }

  /// The blocks in the order of their positions.
  public let blocks: [Block]

  /// A layout without blocks.
  public static let empty = ParameterLayout(blocks: [])

  private init(blocks: [Block]) { self.blocks = blocks }

  /// More elements than any memory holds: sums of bytes stay far from overflow.
  private static let elementLimit = 1 << 48

  /// Lays `tensors` out one after the other.
  ///
  /// - Parameters:
  ///   - tensors: Names, and row-major extents.
  ///   - axes: What the extents of all tensors count; by default this package's order, outputs last.
  /// - Throws: ``LayoutError`` if a name is empty or used twice, or an extent is not positive.
  public init(_ tensors: [(name: String, shape: [Int])], axes: ParameterAxes = .outputsLast) throws(LayoutError) {
    try self.init(tensors.map { ($0.name, $0.shape, axes) })
  }

  /// Lays `tensors` out one after the other.
  ///
  /// - Parameter tensors: Names, row-major extents, and what these count.
  /// - Throws: ``LayoutError`` if a name is empty or used twice, an extent is not positive, there are 2⁴⁸ elements, or
  ///   the numbers of roles and extents differ.
  public init(_ tensors: [(name: String, shape: [Int], axes: ParameterAxes)]) throws(LayoutError) {
    var blocks: [Block] = []
    var names: Set<String> = []
    var offset = 0
    for (name, shape, axes) in tensors {
      guard !name.isEmpty else { throw .emptyName(position: blocks.count) }
      guard names.insert(name).inserted else { throw .duplicateName(name) }
      var count = 1
      for extent in shape {
        let (product, overflow) = count.multipliedReportingOverflow(by: extent)
        guard extent > 0 else { throw .invalidShape(name: name, shape: shape) }
        guard !overflow, product < Self.elementLimit else { throw .tooLarge(name: name, shape: shape) }
        count = product
      }
      guard let roles = axes.roles(rank: shape.count) else {
        throw .invalidAxes(name: name, shape: shape, axes: axes)
      }
      blocks.append(Block(name: name, shape: shape, axes: roles, offset: offset, count: count))
      offset += Self.padded(count)
      guard offset < Self.elementLimit else { throw .tooLarge(name: name, shape: shape) }
    }
    self.blocks = blocks
  }

  public init(from decoder: any Decoder) throws {
    let blocks = try decoder.singleValueContainer().decode([Block].self)
    try self.init(blocks.map { ($0.name, $0.shape, .roles($0.axes)) })
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(blocks)
  }

  /// Number of elements, the padding not counted.
  public var parameterCount: Int { blocks.reduce(0) { $0 + $1.count } }

  /// Number of elements with the padding: a multiple of ``alignment``.
  public var paddedCount: Int {
    guard let last = blocks.last else { return 0 }
    return Self.padded(last.offset + last.count)
  }

  /// `count` rounded up to a multiple of ``alignment``.
  package static func padded(_ count: Int) -> Int { (count + alignment - 1) / alignment * alignment }

  /// The block called `name`. Complexity: O(number of blocks).
  /// - Throws: ``LayoutError/unknown(_:)``.
  public func block(named name: String) throws(LayoutError) -> Block {
    guard let block = blocks.first(where: { $0.name == name }) else {
      throw .unknown(UnknownName(name, kind: "parameter", known: blocks.map(\.name)))
    }
    return block
  }

  /// In words, how `other` differs from this layout; nil if it does not.
  public func difference(from other: ParameterLayout) -> String? {
    guard self != other else { return nil }
    let mine = Dictionary(uniqueKeysWithValues: blocks.map { ($0.name, $0) })
    let theirs = Dictionary(uniqueKeysWithValues: other.blocks.map { ($0.name, $0) })
    var lines: [String] = []
    for block in blocks {
      guard let found = theirs[block.name] else {
        lines.append("'\(block.name)' \(block.shape) is missing")
        continue
      }
      if found.shape != block.shape {
        lines.append("'\(block.name)' has shape \(found.shape) instead of \(block.shape)")
      } else if found.axes != block.axes {
        let (found, expected) = (ParameterAxes.roles(found.axes), ParameterAxes.roles(block.axes))
        lines.append("the axes of '\(block.name)' are \(found) instead of \(expected)")
      }
    }
    for block in other.blocks where mine[block.name] == nil {
      lines.append("'\(block.name)' \(block.shape) is not expected")
    }
    if lines.isEmpty { lines.append("the blocks are in another order") }
    return lines.joined(separator: "; ")
  }
}

extension ParameterLayout.Block {
  /// Axes that are missing are in this package's order.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    name = try container.decode(String.self, forKey: .name)
    shape = try container.decode([Int].self, forKey: .shape)
    axes =
      try container.decodeIfPresent([AxisRole].self, forKey: .axes)
      ?? ParameterAxes.outputsLast.roles(rank: shape.count) ?? []
    offset = try container.decode(Int.self, forKey: .offset)
    count = try container.decode(Int.self, forKey: .count)
  }
}

/// Why a layout is refused.
public enum LayoutError: Error, Hashable, CustomStringConvertible {
  case emptyName(position: Int)
  case duplicateName(String)
  case invalidShape(name: String, shape: [Int])
  /// The roles do not fit the extents.
  case invalidAxes(name: String, shape: [Int], axes: ParameterAxes)
  /// With this parameter there are more elements than any memory holds.
  case tooLarge(name: String, shape: [Int])
  /// A parameter that the layout does not have.
  case unknown(UnknownName)
  case wrongCount(name: String, expected: Int, found: Int)
  case mismatch(String)

  public var description: String {
    switch self {
    case .emptyName(let position): "parameter \(position) has no name: give every parameter a name"
    case .duplicateName(let name): "two parameters are called '\(name)': names must be unique"
    case .invalidShape(let name, let shape): "parameter '\(name)' has shape \(shape): every extent must be positive"
    case .invalidAxes(let name, let shape, let axes):
      "parameter '\(name)' has shape \(shape), but its axes are given as \(axes): give one role for each extent"
    case .tooLarge(let name, let shape):
      "parameter '\(name)' has shape \(shape): with it there are more numbers than any memory holds; make it smaller"
    case .unknown(let name): "\(name)"
    case .wrongCount(let name, let expected, let found):
      "parameter '\(name)' takes \(expected) values, \(found) were given"
    case .mismatch(let difference): "the two vectors have different layouts: \(difference)"
    }
  }
}
