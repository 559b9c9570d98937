import CLanes

/// Uninitialized memory for lanes, 64-byte aligned, to be freed with `deallocate()`. Many megabytes are in large pages
/// if the system has them.
package func allocateLanes(byteCount: Int) -> UnsafeMutableRawPointer {
  let largePage = 1 << 21
  guard byteCount >= 4 * largePage else {
    return .allocate(byteCount: max(64, byteCount), alignment: 64)
  }
  let size = (byteCount + largePage - 1) / largePage * largePage
  let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: largePage)
  lanes_prefer_large_pages(memory, size)
  return memory
}

/// Calls `body` with uninitialized memory for `count` elements, which is freed afterwards.
///
/// `withUnsafeTemporaryAllocation` is not used where the memory may be large: specialized for a large closure, Swift 6.3 takes what
/// happens to be in a register for an error that the closure has thrown.
@inlinable @inline(__always)
package func withTemporaryMemory<Element, Result, Failure: Error>(
  of _: Element.Type, count: Int, _ body: (UnsafeMutableBufferPointer<Element>) throws(Failure) -> Result
) throws(Failure) -> Result {
  let memory = UnsafeMutableBufferPointer<Element>.allocate(capacity: count)
  defer { memory.deallocate() }
  return try body(memory)
}
