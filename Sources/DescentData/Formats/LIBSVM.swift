import Descent

/// Rows in the text format of LIBSVM: `label index:value index:value …`, indices from 1 and rising, `#` for comments.
///
/// A row may have a label alone. Labels are whole numbers of any kind: `-1` and `+1`, 0 to k − 1, 1 to k.
struct LIBSVMRows {
  let path: String
  private(set) var labels: [Int] = []
  private(set) var rowStarts = [0]
  private(set) var columns: [Int32] = []
  private(set) var values: [Float] = []
  /// The highest index there is.
  private(set) var width = 0
  /// The line of each row, to name it in an error.
  private var lines: [Int] = []

  static let largestIndex = 100_000_000

  init(path: String) throws(DataError) {
    self.path = path
    try TextLines.read(path) { line, number throws(DataError) in
      var scanner = Scanner(bytes: line)
      do throws(Malformed) { try readRow(&scanner, line: number) } catch {
        throw .file(path, .malformedLine(number, reason: error.reason))
      }
    }
    guard !labels.isEmpty else { throw .file(path, .noExamples) }
  }

  /// The rows as a split of `width` columns, its classes numbered in the order of `classes`.
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
    let text = String(decoding: label, as: UTF8.self)
    guard let number = Double(text), let whole = Int(exactly: number) else {
      throw Malformed(reason: "label \"\(text)\" is no whole number")
    }
    var previous = 0
    while let feature = scanner.token() {
      guard let colon = feature.firstIndex(of: UInt8(ascii: ":")),
        let index = Int(decimal: feature[..<colon]), let value = Float(decimal: feature[(colon + 1)...])
      else { throw Malformed(reason: "\"\(String(decoding: feature, as: UTF8.self))\" is not index:value") }
      guard index > previous, index <= Self.largestIndex else {
        throw Malformed(
          reason: index < 1 || index > Self.largestIndex
            ? "index \(index) is not in 1...\(Self.largestIndex)"
            : "index \(index) follows \(previous); indices must rise")
      }
      guard value.isFinite else { throw Malformed(reason: "the value of index \(index) is not finite") }
      previous = index
      columns.append(Int32(index - 1))
      values.append(value)
    }
    width = max(width, previous)
    labels.append(whole)
    lines.append(line)
    rowStarts.append(columns.count)
  }

  private struct Malformed: Error { var reason: String }

  /// Takes a line apart at its spaces.
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
  /// The nearest number; small whole ones, most of such files, without a detour through a string.
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
