import RealModule

func tensorCases<T: Real & BinaryFloatingPoint & Sendable>() -> [MethodCase<T>] {
  []
}
