import RealModule

func matrixCases<T: Real & BinaryFloatingPoint & Sendable>() -> [MethodCase<T>] {
  muonCases() + shampooCases() + soapCases()
}

/// A number from the package's `Double`, in a wider type.
func w<T: BinaryFloatingPoint>(_ x: Double) -> T { T(x) }
