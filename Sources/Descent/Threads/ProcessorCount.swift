#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Number of processors that are online.
public let processorCount = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
