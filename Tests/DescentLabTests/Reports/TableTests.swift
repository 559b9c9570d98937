import Testing

@testable import DescentLab

@Suite struct TableTests {
  private var table: Table {
    var table = Table(header: ["rule", "loss", "accuracy"])
    table.add(["adam", "0.1", "97.5 %"])
    table.add(["a|b", "12.25", "–"])
    table.add(["short"])
    return table
  }

  @Test func alignsNumbersToTheRight() {
    #expect(
      table.text() == """
        rule    loss  accuracy
        ─────  ─────  ────────
        adam     0.1    97.5 %
        a|b    12.25         –
        short

        """)
  }

  @Test func columnsOfDashesAreLeftOut() {
    var table = Table(header: ["a", "b", "c"])
    table.add(["1", "–", "–"])
    table.add(["2", "–", "3"])
    #expect(table.withoutEmptyColumns().header == ["a", "c"])
    #expect(table.withoutEmptyColumns().rows == [["1", "–"], ["2", "3"]])
  }

  @Test(arguments: [(0.6, "0.600"), (12.34, "12.3"), (99.96, "100"), (1350, "1350"), (0.0123, "0.0123")])
  func measuredNumbersHaveThreeDigits(_ value: Double, _ text: String) {
    #expect(measured(value) == text)
  }

  @Test func writesMarkdown() {
    #expect(
      table.markdown() == """
        | rule  |  loss | accuracy |
        | ----- | ----: | -------: |
        | adam  |   0.1 |   97.5 % |
        | a\\|b  | 12.25 |        – |
        | short |       |          |

        """)
  }

  @Test(arguments: [
    (0.0, 2, "0.00"), (-0.001, 2, "-0.00"), (1.005, 1, "1.0"), (-12.345, 2, "-12.35"), (99.999, 2, "100.00"),
    (7, 0, "7"),
    (.nan, 2, "nan"), (-.infinity, 2, "-inf"), (1e300, 2, "1e+300"), (0.0625, 3, "0.062"),
  ])
  func fixedRounds(_ value: Double, _ digits: Int, _ expected: String) {
    #expect(fixed(value, digits: digits) == expected)
  }
}
