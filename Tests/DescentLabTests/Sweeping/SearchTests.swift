import Descent
import Testing

@testable import DescentLab

@Suite struct SearchTests {
  private func range(_ text: String) throws -> SearchRange {
    try #require(try SearchText(parsing: text, of: "lr").ranges.first)
  }

  @Test func aLogarithmicRangeIsEvenInTheLogarithm() throws {
    let range = try range("log(1e-4,1e-2)")
    #expect(range.axis == .logarithmic && range.count == nil)
    #expect([0, 0.25, 0.5, 0.75].map { range.value(at: $0) } == ["0.0001", "0.000316228", "0.001", "0.00316228"])
    #expect(try #require(Double(range.value(at: 1.nextDown))) <= 1e-2)
  }

  @Test func anEvenRange() throws {
    let range = try range("lin(-1,3)")
    #expect([0, 0.5, 0.75].map { range.value(at: $0) } == ["-1", "1", "2"])
  }

  @Test func wholeNumbersAreEquallyFrequent() throws {
    let range = try range("int(3,6)")
    #expect(range.count == 4)
    #expect([0, 0.2499, 0.25, 0.7499, 0.75, 1.nextDown].map { range.value(at: $0) } == ["3", "3", "4", "5", "6", "6"])
  }

  @Test(
    arguments: [
      ("log(1e-4,1e-1,4)", ["0.0001", "0.001", "0.01", "0.1"]), ("lin(0,1,5)", ["0", "0.25", "0.5", "0.75", "1"]),
      ("int(1,4,2)", ["1", "4"]), ("int(1,3,7)", ["1", "2", "3"]), ("int(-1,1)", ["-1", "0", "1"]),
      ("choice(0.9, cosine(0.1) ,polyak)", ["0.9", "cosine(0.1)", "polyak"]),
      ("lin(0.12345678,0.2,2)", ["0.12345678", "0.2"]),
    ])
  func aFiniteRangeHasItsPoints(_ text: String, _ values: [String]) throws {
    let range = try range(text)
    #expect(range.count == values.count)
    #expect((0..<values.count).map { range.value(number: $0) } == values)
    // Random search gives each value an equal part of [0, 1).
    #expect(values.indices.map { range.value(at: (Double($0) + 0.5) / Double(values.count)) } == values)
  }

  /// A number rounded to six digits may lie beyond an end that has more digits.
  @Test func noValueLiesBeyondTheEnds() throws {
    let range = try range("log(0.12345678,0.12345699)")
    for i in 0..<100 {
      let value = try #require(Double(range.value(at: Double(i) / 100)))
      #expect(0.12345678...0.12345699 ~= value)
    }
  }

  /// The values of narrow and of wide ranges at 0, 1/4, 1/2 and 3/4.
  @Test(
    arguments: [
      ("lin(0.999999,0.9999999)", ["0.999999", "0.999999225", "0.99999945", "0.999999675"]),
      ("lin(1,1.00000001)", ["1", "1.0000000025", "1.000000005", "1.0000000075"]),
      ("lin(-1e308,1e308)", ["-1e+308", "-5e+307", "0", "5e+307"]),
      ("log(1e-300,1e300)", ["1e-300", "1e-150", "1", "1e+150"]),
      ("log(1e-200,1e300)", ["1e-200", "1e-75", "1e+50", "1e+175"]),
      // √(1 · (1 + 2e-9)) = 1 + 1e-9 − 5e-19.
      ("log(1,1.000000002)", ["1", "1.0000000005", "1.000000001", "1.0000000015"]),
      ("lin(123456.7,123456.8)", ["123456.7", "123456.725", "123456.75", "123456.775"]),
    ])
  func noDigitIsLostInText(_ text: String, _ values: [String]) throws {
    let range = try range(text)
    #expect([0, 0.25, 0.5, 0.75].map { range.value(at: $0) } == values)
    // Random search always finds other values.
    var stream = RandomStream(seed: 1, name: "test")
    #expect(Set((0..<1000).map { _ in range.value(at: stream.uniform()) }).count > 990)
  }

  /// A column's name describes its numbers.
  @Test(
    arguments: [
      ("log(1,2)", ["beta1"]), ("cosine(log(1,2))", ["beta1"]), ("warmup(10,cosine(log(1,2)))", ["beta1"]),
      ("complement(log(1e-4,1e-1))", ["1-beta1"]),
      ("complement( halflife(log(1,2), to=lin(1,2)) )", ["1-beta1", "beta1.to"]),
      ("complement(complement(log(1,2)))", ["beta1"]), ("exponential(0.1, factor=lin(0.9,1))", ["beta1.factor"]),
      ("warmup(int(1,9),int(1,9))", ["beta1.warmup", "beta1"]),
      ("scaled(inverse(log(1,2)),by=lin(1,2))", ["beta1", "beta1.by"]),
      ("shifted(log(1,2),int(1,9))", ["beta1", "beta1.by"]),
      ("piecewise(log(1,2),int(5,9):log(1,2),20:log(1,2))", ["beta1", "beta1.after", "beta1 2", "beta1 3"]),
      ("joined(int(1,9):warmup(3,log(1,2)),lin(1,2))", ["beta1.after", "beta1", "beta1 2"]),
      ("int(1,9)-int(1,9)", ["beta1", "beta1 2"]), ("constant(value=lin(1,2))", ["beta1"]),
    ])
  func aRangeIsNamedAfterItsPlace(_ text: String, _ names: [String]) throws {
    #expect(try SearchText(parsing: text, of: "beta1").names("beta1") == names)
  }

  @Test func searchFunctionsStandAnywhereInAValue() throws {
    let text = try SearchText(parsing: "warmup(int(10,20),cosine(LOG(1e-3,1e-1)))", of: "lr")
    #expect(text.ranges.map(\.text) == ["int(10,20)", "log(1e-3,1e-1)"])
    #expect(text.filled(with: ["12", "0.01", "more"]) == "warmup(12,cosine(0.01))")
    let fixed = try SearchText(parsing: "linear(0.1,over=100)", of: "lr")
    #expect(fixed.ranges.isEmpty && fixed.filled(with: ["1"]) == "linear(0.1,over=100)")
  }

  @Test(
    arguments: [
      "log(1e-1,1e-4)", "log(0,1)", "log(-1,1)", "lin(1,1)", "lin(1)", "lin(1,2,3,4)", "lin(a,b)", "lin(1,inf)",
      "lin(1,2,1)", "lin(1,2,2.5)", "int(1.5,2)", "int(1,1e300)", "choice()", "choice(1,1)", "choice(1,)", "log(1,2",
      "choice(log(1,2),3)",
    ])
  func refusesBadRanges(_ text: String) {
    let error = #expect(throws: SearchError.self) { try SearchText(parsing: text, of: "the option") }
    #expect(error?.description.contains("the option") == true)
  }

  private func study(_ optimizers: [String], _ search: SearchMethod = .random, trials: Int = 20) -> StudyConfiguration {
    var study = StudyConfiguration.standard
    (study.optimizers, study.search, study.trials) = (optimizers, search, trials)
    return study
  }

  private func points(of study: StudyConfiguration) throws -> [SearchMethod.Point] {
    let spaces = try study.optimizers.indices.map { try SearchSpace(of: study, optimizer: $0) }
    return try study.search.points(in: spaces, count: study.trials, seed: study.seed)
  }

  @Test func aSpacePutsValuesWhereTheyBelong() throws {
    var study = study(["sgd", "adam:lr=cosine(log(1e-3,1e-1)),beta2=choice(0.9,0.99)"])
    study.model = "mlp:hidden=int(8,16),dropout=0.5"
    study.batch = "choice(32,64)"
    study.weightDecay = "lin(0,1)"
    study.average = "choice(polyak,0.9)"
    let space = try SearchSpace(of: study, optimizer: 1)
    #expect(
      space.dimensions.map(\.name) == ["learningRate", "beta2", "model.hidden", "batch", "weight-decay", "average"])
    let run = try space.configuration(["0.01", "0.99", "12", "64", "0.25", "polyak"])
    #expect(run.optimizer == "adam:lr=cosine(0.01),beta2=0.99" && run.model == "mlp:hidden=12,dropout=0.5")
    #expect(run.batchSize == 64 && run.weightDecay == 0.25 && run.average == "polyak" && run.clipNorm == nil)
    study.batch = "lin(32,64)"
    #expect(throws: RunError.self) {
      try SearchSpace(of: study, optimizer: 1).configuration(["0.01", "0.99", "12", "40.5", "0.25", "polyak"])
    }
  }

  @Test func aGridHasEveryCombinationOnce() throws {
    let study = study(["adam:lr=log(0.1,1,2),beta1=choice(a,b,c)", "sgd", "sgd:lr=lin(1,2,2)"], .grid)
    let points = try points(of: study)
    #expect(points.map(\.space) == [0, 0, 0, 0, 0, 0, 1, 2, 2])
    #expect(
      points.map { $0.values.joined(separator: " ") } == [
        "0.1 a", "0.1 b", "0.1 c", "1 a", "1 b", "1 c", "", "1", "2",
      ])
    #expect(throws: SearchError.self) { try self.points(of: self.study(["adam:lr=log(0.1,1)"], .grid)) }
    #expect(throws: SearchError.self) {
      try self.points(of: self.study(["adam:lr=int(1,1000),beta1=int(1,1000)"], .grid))
    }
  }

  @Test(arguments: [SearchMethod.random, .quasirandom])
  func chosenPointsAreFunctionsOfSeedAndNumber(_ method: SearchMethod) throws {
    let optimizers = ["adam:lr=log(1e-4,1e-1),beta2=lin(0.9,1)", "sgd:lr=lin(0,1)"]
    var study = study(optimizers, method, trials: 40)
    let many = try points(of: study)
    study.trials = 7
    #expect(try points(of: study) == Array(many.prefix(7)))
    #expect(many.map(\.space) == (0..<40).map { $0 % 2 })
    #expect(Set(many).count == 40)
    study.seed = 2
    #expect(Set(try points(of: study)).isDisjoint(with: many))
    #expect(throws: SearchError.self) { try self.points(of: self.study(optimizers + ["adam"], method)) }
  }

  /// The roots are the golden ratio, the plastic number, and so on.
  @Test func theRecurrenceSolvesItsEquation() {
    for d in 1...20 {
      let φ = 1 / SearchMethod.recurrence(d)[0]
      let power = (0...d).reduce(1.0) { product, _ in product * φ }
      #expect(abs(power - φ - 1) < 1e-14 * power && φ > 1)
    }
    #expect(abs(SearchMethod.recurrence(1)[0] - 0.6180339887498949) < 1e-15)
    #expect(abs(1 / SearchMethod.recurrence(2)[0] - 1.3247179572447460) < 1e-14)
  }

  /// Of n quasi-random points in one dimension, no gap is longer than 2.62 ÷ n; random points leave longer ones.
  @Test func quasirandomPointsFillTheRange() throws {
    func longestGap(_ method: SearchMethod) throws -> Double {
      let values = try points(of: study(["adam:lr=lin(0,1)"], method, trials: 100)).map { Double($0.values[0]) ?? 2 }
      let sorted = values.sorted()
      return zip(sorted, sorted.dropFirst()).map { $1 - $0 }.max() ?? 1
    }
    #expect(try longestGap(.quasirandom) < 0.0263)
    #expect(try longestGap(.random) > 0.0263)
  }
}
