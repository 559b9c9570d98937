import CLanes

/// Uninitialized memory for lanes, 64-byte aligned, to be freed with `deallocate()`; of many megabytes, in large pages
/// where the system has them.
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
