import Descent
import DescentData
import Testing

@Suite struct CurvesTests {
  private func curves(seed: UInt64 = 1, train: Int) -> [Float] {
    var curves = Curves()
    curves.seed = seed
    curves.trainCount = train
    curves.testCount = 1
    return try! dense(curves.dataset().train.all())
  }

  @Test func aLargerSetBeginsWithASmallerOne() {
    let (small, large) = (curves(train: 30), curves(train: 77))
    #expect(small == Array(large.prefix(small.count)))
    #expect(small != curves(seed: 2, train: 30))
  }

  /// A curve is one connected line of ink inside a margin, and of full ink somewhere.
  @Test func eachImageIsOneLine() {
    let count = 300
    let values = curves(train: count)
    for i in 0..<count {
      let image = Array(values[784 * i..<784 * (i + 1)])
      #expect(image.max() == 1 && image.allSatisfy { (0...1).contains($0) })
      var rest = Set(image.indices.filter { image[$0] > 0 })
      #expect(rest.allSatisfy { (1...26).contains($0 / 28) && (1...26).contains($0 % 28) })
      var queue = [rest.removeFirst()]
      while let pixel = queue.popLast() {
        for (dy, dx) in [(-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1)] {
          if let next = rest.remove(pixel + dy * 28 + dx) { queue.append(next) }
        }
      }
      #expect(rest.isEmpty)
    }
  }

  @Test func byName() throws {
    let set = try Dataset.load("curves:train=12,test=3,seed=4")
    #expect(set.train.count == 12 && set.test.count == 3 && set.train.inputShape == [28, 28, 1])
    #expect(throws: DataError.self) { try Dataset.load("curves:train=0") }
  }
}
