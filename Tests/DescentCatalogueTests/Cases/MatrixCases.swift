import RealModule

func matrixCases<T: Real & BinaryFloatingPoint & Sendable>() -> [MethodCase<T>] {
  muonCases() + shampooCases() + soapCases()
}

/// A number that the package has in `Double`, in a wider type.
func w<T: BinaryFloatingPoint>(_ x: Double) -> T { T(x) }
