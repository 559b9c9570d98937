/// Reads the elements of a `.npy` file a piece at a time, from the first to the last.
package final class NPYReader {
  package let header: NPYHeader
  private let source: ByteSource
  private var position: Int

  /// Opens the file and reads its header.
  /// - Throws: `DataError` if it is not `.npy`, holds elements of another type or in Fortran order, or is shorter or longer
  ///   than its header says. (A compressed file's size shows only when it is read.)
  package init(path: String) throws(DataError) {
    source = try ByteSource(path: path)
    header = try NPYHeader(of: source)
    position = header.size
    let expected = header.size + header.byteCount
    guard source.largestSize >= expected else {
      throw .file(path, .truncated(expected: expected, actual: source.largestSize))
    }
    guard source.isCompressed || source.largestSize == expected else {
      throw .file(path, .oversized(expected: expected))
    }
  }

  /// Fills `buffer` with the bytes of the next elements.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(DataError) {
    let count = try source.read(into: buffer)
    position += count
    guard count == buffer.count else {
      throw .file(
        source.path, .truncated(expected: header.size + header.byteCount, actual: position))
    }
  }
}
