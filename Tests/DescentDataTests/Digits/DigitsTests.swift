import Descent
import DescentData
import Testing

@Suite struct DigitsTests {
  private func digits(seed: UInt64 = 1, train: Int, test: Int = 1) -> Dataset {
    var digits = Digits()
    digits.seed = seed
    digits.trainCount = train
    digits.testCount = test
    return digits.dataset()
  }

  private func elements(_ split: Split, _ range: Range<Int>) throws -> [Float] { try dense(split.batch(at: range)) }

  @Test func theSameSeedGivesTheSameImages() throws {
    // More than one block for the drawing threads.
    let (a, b) = (digits(train: 1000), digits(train: 1000))
    #expect(try elements(a.train, 0..<1000) == elements(b.train, 0..<1000))
    #expect(a.train.labels == b.train.labels)
  }

  @Test func aLargerSetBeginsWithASmallerOne() throws {
    let (small, large) = (digits(train: 300), digits(train: 777))
    #expect(try elements(small.train, 0..<300) == elements(large.train, 0..<300))
    #expect(small.train.labels == Array(large.train.labels.prefix(300)))
  }

  @Test func seedAndSplitGiveOtherImages() throws {
    let a = digits(seed: 1, train: 50, test: 50)
    let b = digits(seed: 2, train: 50, test: 50)
    #expect(try elements(a.train, 0..<50) != elements(b.train, 0..<50))
    #expect(try elements(a.train, 0..<50) != elements(a.test, 0..<50))
  }

  /// These values are pinned, so that an old seed still gives the same digits, on every platform.
  @Test func imagesNeverChange() throws {
    let set = digits(train: 100)
    let values = try dense(set.train.all())
    let hash = values.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1 * 255 + 0.5)) &* 0x100_0000_01B3
    }
    #expect(Array(set.train.labels.prefix(10)) == [7, 2, 5, 1, 9, 4, 0, 5, 2, 7])
    #expect(hash == 15_698_142_110_491_343_612)
  }

  @Test func classesAreEquallyLikelyAndImagesHaveInk() throws {
    let set = digits(train: 5000)
    for digit in 0..<10 {
      let count = set.train.labels.count { $0 == digit }
      // 500 expected, standard deviation 21.
      #expect(abs(count - 500) < 100)
    }
    let values = try elements(set.train, 0..<5000)
    for i in 0..<5000 {
      let image = values[(784 * i)..<(784 * (i + 1))]
      #expect(image.max()! > 0.4 && image.count { $0 > 0.3 } > 12)
      #expect(image.allSatisfy { (0...1).contains($0) })
    }
  }
}
