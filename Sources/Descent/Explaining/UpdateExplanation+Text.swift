extension UpdateExplanation {
  /// The explanation as lines of plain text, which can also stand in a page as a block of code.
  public func text() -> String {
    var lines: [String] = []
    for phase in phases {
      lines.append(phase.steps.prefix(1).uppercased() + phase.steps.dropFirst() + ", for every element:")
      lines.append("")
      lines += phase.equations.map { "    \($0)" }
      lines.append("")
    }
    var legend: [String] = []
    for line in phases.flatMap(\.legend) where !legend.contains(line) { legend.append(line) }
    lines.append(
      "θ, g and the state are the numbers before the step, with a prime those after it; sums and products are computed from "
        + "left to right.")
    lines += legend.map { "\($0)." }
    if !coefficients.isEmpty { lines += [""] + coefficientLines() }
    lines += [""] + costLines()
    return lines.map { $0 + "\n" }.joined()
  }

  private func coefficientLines() -> [String] {
    var lines = ["Coefficients, computed once a step (values at t = \(step)):", ""]
    let texts = coefficients.map { coefficient in
      coefficient.isNumber
        ? coefficient.value
        : coefficient.formula.map { "\($0)\(coefficient.isOtherAtFirst ? " after the first step" : "")" }
          ?? "no formula found"
    }
    let (width, wide) = (coefficients.map(\.name.count).max() ?? 0, texts.map(\.count).max() ?? 0)
    for (coefficient, text) in zip(coefficients, texts) {
      var line = "    \(padded(coefficient.name, width)) = "
      line += coefficient.isNumber ? text : "\(padded(text, wide))  (\(coefficient.value))"
      lines.append(line)
    }
    let formulas = coefficients.compactMap { $0.isNumber ? nil : $0.formula }
    let used = letters.filter { letter in formulas.contains { $0.contains(letter.letter) } }
    if !used.isEmpty {
      lines += [
        "",
        "with "
          + used.map { ($0.letter == $0.option ? "" : "\($0.letter) = ") + "\($0.option) = \($0.value)" }.joined(
            separator: ", ") + ".",
      ]
    }
    return lines
  }

  private func costLines() -> [String] {
    var lines: [String] = []
    lines.append(
      slots.isEmpty ? "State: none." : "State: \(slots.joined(separator: ", ")): \(stateBytes) bytes for a parameter.")
    for phase in phases {
      let scope = phases.count == 1 ? "" : " \(phase.steps)"
      lines.append(
        "Memory\(scope): \(phase.bytesRead) bytes read and \(phase.bytesWritten) written for a parameter.")
      let kinds = phase.operations.map(\.text).joined(separator: ", ")
      lines.append(
        "Operations\(scope): \(phase.operations.reduce(0) { $0 + $1.count }) for an element: \(kinds); and "
          + "\(phase.passOperations) of the pass, which keeps infinite numbers out.")
    }
    return lines
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
