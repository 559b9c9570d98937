import Descent

/// Rows in LIBSVM's text format: `label index:value index:value …`, rising indices from 1 (or 0), `#` for comments.
///
/// A row may consist of a label alone. Labels are whole numbers of any kind: `-1` and `+1`, 0 to k − 1, 1 to k.
struct LIBSVMRows {
  let path: String
  /// The number that the file gives the first column.
  let firstIndex: Int
  private(set) var labels: [Int] = []
  private(set) var rowStarts = [0]
  private(set) var columns: [Int32] = []
  private(set) var values: [Float] = []
  /// Number of columns, up to the last one that occurs.
  private(set) var width = 0
  /// The line number of each row, for errors.
  private var lines: [Int] = []

  static let mostColumns = 100_000_000

  /// - Parameters:
  ///   - path: Path of the file, gzip or not.
  ///   - firstIndex: 1, or 0 for files whose indices count from there.
  init(path: String, firstIndex: Int = 1) throws(DataError) {
    self.path = path
    self.firstIndex = firstIndex
    // How many bytes the arrays may take before their size is checked again.
    var checkedSize = 1 << 24
    try TextLines.read(path) { line, number throws(DataError) in
      var scanner = Scanner(bytes: line)
      do throws(Malformed) { try readRow(&scanner, line: number) } catch {
        throw .file(path, .malformedLine(number, reason: error.reason))
      }
      // A label takes 8 bytes, and so do a row's start and its line; a value takes 4, and so does its column.
      let size = 24 * labels.count + 8 * columns.count
      guard size > checkedSize else { return }
      do throws(MemoryShortage) { try MemoryBudget.require(2 * Double(size)) } catch {
        throw .file(path, .tooLarge(error))
      }
      checkedSize = 2 * size
    }
    guard !labels.isEmpty else { throw .file(path, .noExamples) }
  }

  /// The rows as a split of `width` columns; classes are numbered in the order of `classes`.
  func split(width: Int, classes: [Int]) throws(DataError) -> Split {
    let numbers = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, Int32($0)) })
    var mapped: [Int32] = []
    mapped.reserveCapacity(labels.count)
    for (i, label) in labels.enumerated() {
      guard let number = numbers[label] else {
        throw .file(path, .malformedLine(lines[i], reason: "label \(label) does not occur in the training file"))
      }
      mapped.append(number)
    }
    do {
      return Split(
        rows: try SparseRows(rowStarts: rowStarts, columns: columns, values: values, columnCount: width), labels: mapped
      )
    } catch { throw .file(path, .malformedHeader(reason: "\(error)")) }
  }

  private mutating func readRow(_ scanner: inout Scanner, line: Int) throws(Malformed) {
    guard let label = scanner.token() else { return }
    guard let whole = Int(label: label) else {
      let isNumber = Double(String(decoding: label, as: UTF8.self)) != nil
      throw Malformed(
        reason: "label \(shown(label)) \(isNumber ? "is no whole number below 2⁵³" : "is no whole number")")
    }
    var previous = -1
    while let feature = scanner.token() {
      guard let colon = feature.firstIndex(of: UInt8(ascii: ":")),
        let index = Int(decimal: feature[..<colon]), let value = Float(decimal: feature[(colon + 1)...])
      else { throw Malformed(reason: "\(shown(feature)) is not index:value") }
      let column = index - firstIndex
      guard column > previous, column < Self.mostColumns else {
        throw Malformed(reason: problem(of: index, after: previous + firstIndex))
      }
      guard value.isFinite else { throw Malformed(reason: "the value of index \(index) is not finite") }
      previous = column
      columns.append(Int32(column))
      values.append(value)
    }
    width = max(width, previous + 1)
    labels.append(whole)
    lines.append(line)
    rowStarts.append(columns.count)
  }

  /// Why `index` is refused after `previous`.
  private func problem(of index: Int, after previous: Int) -> String {
    if index < firstIndex {
      return "index 0 is before the first, 1; if the file counts from 0, load it with zerobased=true"
    }
    let last = Self.mostColumns - 1 + firstIndex
    if index > last { return "index \(index) is not in \(firstIndex)...\(last)" }
    return "index \(index) follows \(previous); indices must rise"
  }

  private struct Malformed: Error { var reason: String }

  /// Splits a line at its spaces.
  private struct Scanner {
    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0

    mutating func token() -> Slice<UnsafeBufferPointer<UInt8>>? {
      func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
      while position < bytes.count, isSpace(bytes[position]) { position += 1 }
      guard position < bytes.count, bytes[position] != UInt8(ascii: "#") else { return nil }
      let start = position
      while position < bytes.count, !isSpace(bytes[position]) { position += 1 }
      return bytes[start..<position]
    }
  }
}

extension Int {
  /// A whole number; also one like `1.0` or `1e3`, if a double holds it exactly.
  fileprivate init?(label bytes: Slice<UnsafeBufferPointer<UInt8>>) {
    let text = String(decoding: bytes, as: UTF8.self)
    if let number = Int(text) {
      self = number
    } else {
      guard let number = Double(text), abs(number) < 0x1p53, let whole = Int(exactly: number) else { return nil }
      self = whole
    }
  }

  /// A number of at most 18 decimal digits.
  fileprivate init?(decimal digits: Slice<UnsafeBufferPointer<UInt8>>) {
    guard (1...18).contains(digits.count) else { return nil }
    self = 0
    for byte in digits {
      guard (48...57).contains(byte) else { return nil }
      self = self * 10 + Int(byte - 48)
    }
  }
}

extension Float {
  /// The nearest number. Small whole numbers, the most frequent ones, are read without making a string.
  fileprivate init?(decimal text: Slice<UnsafeBufferPointer<UInt8>>) {
    if text.count <= 7, let whole = Int(decimal: text) {
      self = Float(whole)
    } else if let number = Float(String(decoding: text, as: UTF8.self)) {
      self = number
    } else {
      return nil
    }
  }
}
