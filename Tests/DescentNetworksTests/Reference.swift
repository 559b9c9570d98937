import RealModule

// Double-precision functions with which results are compared.

func exponential(_ x: Double) -> Double { Double.exp(x) }
func naturalLogarithm(_ x: Double) -> Double { Double.log(x) }
