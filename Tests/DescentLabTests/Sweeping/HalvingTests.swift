import Testing

@testable import DescentLab

@Suite struct HalvingTests {
  @Test(
    arguments: [
      (9, 3, 1, [1, 3, 9]), (27, 3, 3, [3, 9, 27]), (10, 3, 1, [1, 3, 10]), (8, 2, 2, [2, 4, 8]), (5, 10, 1, [5]),
      (1, 2, 1, [1]), (100, 4, 1, [1, 6, 25, 100]),
    ])
  func rungsGoDownFromAllEpochs(_ epochs: Int, _ factor: Int, _ least: Int, _ rungs: [Int]) {
    let halving = Halving(epochs: epochs, factor: factor, least: least)
    #expect(halving.rungs == rungs)
    for (rung, next) in zip(rungs, rungs.dropFirst()) { #expect(halving.rung(after: rung) == next) }
    #expect(halving.rung(after: epochs) == nil)
  }

  @Test func withoutHalvingThereIsOneRung() {
    #expect(Halving(epochs: 7, factor: nil, least: 1).rungs == [7])
    #expect(Halving(epochs: 7, factor: nil, least: 1).totalEpochs(of: 3) == 21)
  }

  @Test func theBestGoOn() {
    let halving = Halving(epochs: 9, factor: 3, least: 1)
    let results: [(trial: Int, metric: Double?)] = [
      (1, 0.5), (2, nil), (3, 0.9), (4, 0.9), (5, 0.1), (6, 0.7), (7, 0.2), (8, 0.3),
    ]
    // A third of eight trials is two.
    #expect(halving.promoted(from: results, by: Objective(.testAccuracy)) == [3, 4])
    #expect(halving.promoted(from: results, by: Objective(.testLoss)) == [5, 7])
    #expect(halving.promoted(from: results.reversed(), by: Objective(.testLoss)) == [5, 7])
    #expect(halving.promoted(from: [(1, 0.5), (2, nil)], by: Objective(.testLoss)) == [1])
    #expect(halving.promoted(from: [(1, nil), (2, nil)], by: Objective(.testLoss)) == [])
    // 8 trials for 1 epoch, 2 for 2 more, 1 for 6 more.
    #expect(halving.totalEpochs(of: 8) == 8 + 4 + 6)
  }

  @Test func aMetricIsThatOfTheLastOrTheBestEpoch() {
    func row(_ epoch: Int, _ loss: Double, _ test: Double?) -> EpochMetrics {
      EpochMetrics(epoch: epoch, step: epoch, seconds: 1, trainLoss: loss, testLoss: test, testAccuracy: test)
    }
    let rows = [row(1, 1, 0.5), row(2, 1, 0.25), row(3, 1, 0.75), row(4, 1, 0.6)]
    #expect(Objective(.testLoss).value(of: rows) == 0.6)
    #expect(Objective(.testLoss, isBest: true).value(of: rows) == 0.25)
    #expect(Objective(.testAccuracy, isBest: true).value(of: rows) == 0.75)
    #expect(Objective(.trainLoss).value(of: rows) == 1)
    for last in [row(5, .nan, 1), row(5, 1, .infinity), row(5, 1, nil)] {
      #expect(Objective(.testLoss, isBest: true).value(of: rows + [last]) == nil)
    }
    #expect(Objective(.testLoss).value(of: [EpochMetrics]()) == nil)
  }
}
