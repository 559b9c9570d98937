import RealModule

// Double-precision functions that results are compared with.

func exponential(_ x: Double) -> Double { Double.exp(x) }
func naturalLogarithm(_ x: Double) -> Double { Double.log(x) }
