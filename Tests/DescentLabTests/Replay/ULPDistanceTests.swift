import Descent
import Testing

@testable import DescentLab

@Suite struct ULPDistanceTests {
  @Test func isTheNumberOfStepsToTheNextNumber() {
    for start in [1, -1, 0, 1e-38, -2, 16_777_216, Float.leastNonzeroMagnitude, -0x1p-130] as [Float] {
      var x = start
      for count in 0...100 {
        #expect(ulpDistance(start, x) == UInt64(count) && ulpDistance(x, start) == UInt64(count))
        x = x.nextUp
      }
    }
  }

  @Test func zerosAreOneNumberAndNaNsAre() {
    #expect(ulpDistance(0.0, -0.0) == 0)
    #expect(ulpDistance(Float.nan, -Float.nan) == 0)
    #expect(ulpDistance(1, Double.nan) == .max && ulpDistance(-Float.infinity, Float.nan) == .max)
  }

  @Test func theEndsOfTheRange() {
    #expect(ulpDistance(Double.infinity, .greatestFiniteMagnitude) == 1)
    #expect(ulpDistance(Float.infinity, .infinity) == 0)
    #expect(ulpDistance(-Float.leastNonzeroMagnitude, .leastNonzeroMagnitude) == 2)
    #expect(ulpDistance(1 as Float, 0) == UInt64((1 as Float).bitPattern))
    #expect(ulpDistance(-Double.infinity, .infinity) == 2 * Double.infinity.bitPattern)
  }
}
