import Descent
import Testing

/// Zou et al. 2019, section 3: which sequences meet the sufficient condition.
@Suite struct GenericAdamConditionTests {
  private func condition(s: Double, r: Double) -> GenericAdamCondition {
    GenericAdam<Float>(
      learningRate: .inversePower(0.1, power: s), beta2: .complement(.inversePower(0.5, power: r))
    ).sufficientCondition(through: 1000)
  }

  @Test func familyMeetsItWhereThePowersDo() {
    for s in [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1, 1.2] {
      for r in [0, 0.25, 0.5, 1, 1.5, 1.8, 2] {
        let found = condition(s: s, r: r)
        #expect(found.holds == (0 < r && r <= 2 * s && 2 * s < 2), "s = \(s), r = \(r)\n\(found)")
        #expect(found.family?.s == s && found.family?.r == r && found.clauses.count == 4)
        #expect((found.family?.rate != nil) == found.holds)
      }
    }
    #expect(condition(s: 0.5, r: 1).family?.rate == "log T / T^0.5")
    #expect(condition(s: 0.5, r: 0.5).family?.rate == "T^(−0.25)")
    #expect(condition(s: 0.75, r: 1).family?.rate == "T^(−0.25)")
  }

  @Test func reasonsNameWhatIsWrong() {
    // Adam's own constants.
    let adam = GenericAdam<Float>(learningRate: 0.001, beta2: 0.999).sufficientCondition(through: 1000)
    #expect(!adam.holds && adam.clauses.map(\.holds) == [true, true, true, false])
    #expect(adam.description.contains("θₜ stays away from 1: r = 0"))
    let steep = condition(s: 0.25, r: 1)
    #expect(
      steep.clauses.map(\.holds) == [true, true, false, true] && steep.description.contains("χₜ grows like t^0.25"))
    let slow = condition(s: 1, r: 1)
    #expect(slow.clauses.map(\.holds) == [true, true, true, false] && slow.description.contains("s = 1.0"))
    let falling = GenericAdam<Float>(beta2: .inverse(0.9)).sufficientCondition(through: 1000)
    #expect(!falling.clauses[1].holds && falling.clauses[1].reason == "θₜ falls at t = 2")
    let nc = GenericAdam<Float>(beta2: .complement(.inverse(1))).sufficientCondition(through: 1000)
    #expect(!nc.clauses[1].holds && nc.clauses[1].reason == "θₜ is 0.0 at t = 1")
    let momentum = GenericAdam<Float>(beta1: .linear(from: 0.5, to: 1, over: 10)).sufficientCondition(through: 1000)
    #expect(momentum.clauses.map(\.holds) == [false, true, true, true])
    let ending = GenericAdam<Float>(learningRate: .linear(from: 0.1, to: 0, over: 500)).sufficientCondition(
      through: 1000)
    #expect(!ending.clauses[3].holds)
  }

  /// Sequences that are not written in the family's form are judged by their values, with the same result.
  @Test func valuesAreJudgedLikePowers() {
    func disguised(_ rate: Schedule) -> Schedule {
      .joined([Schedule.Phase(steps: 3, schedule: rate)], last: .shifted(rate, by: 3))
    }
    for s in [0, 0.25, 0.5, 0.75, 1] {
      for r in [0, 0.25, 0.75, 1.25, 2] where r != 2 * s || r == 0 {
        let found = GenericAdam<Float>(
          learningRate: disguised(.inversePower(0.1, power: s)),
          beta2: disguised(.complement(.inversePower(0.5, power: r)))
        ).sufficientCondition()
        #expect(found.family == nil)
        #expect(
          found.clauses.map(\.holds) == condition(s: s, r: r).clauses.map(\.holds), "s = \(s), r = \(r)\n\(found)")
      }
    }
  }
}
