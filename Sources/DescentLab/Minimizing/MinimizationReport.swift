import Descent
import DescentProblems

/// The results of a minimization: a table and a figure of its path, and a line in words.
public struct MinimizationReport: Sendable {
  public let minimization: Minimization
  private var plan: MinimizationPlan { minimization.plan }
  private var problem: any Problem { plan.problem }

  public init(_ minimization: Minimization) { self.minimization = minimization }

  /// A table of the path: step, f, ‖∇f‖, distance from the nearest minimizer, x.
  public var table: Table {
    let isKnown = problem.minimum != nil
    let average = plan.request.average == nil ? "x" : "average of x"
    var table = Table(header: ["step", "f(x)", "‖∇f(x)‖"] + (isKnown ? ["distance"] : []) + [average])
    for point in minimization.rows {
      var row = [point.step.grouped, significant(point.value, digits: 7), significant(point.gradientNorm, digits: 4)]
      if isKnown { row.append(point.distance.map { significant($0, digits: 4) } ?? "–") }
      table.add(row + [pointText(point.x)])
    }
    return table
  }

  /// All kept points as comma-separated values.
  public var csv: String {
    let names = (1...problem.dimension).map { "x\($0)" }
    var text = (["step", "value", "gradient_norm", "distance"] + names).joined(separator: ",") + "\n"
    for point in minimization.points {
      let numbers = [point.value, point.gradientNorm].map { "\($0)" } + [point.distance.map { "\($0)" } ?? ""]
      text += (["\(point.step)"] + numbers + point.x.map { "\($0)" }).joined(separator: ",") + "\n"
    }
    return text
  }

  /// How the run ended, in plain words.
  public var summary: String {
    guard let count = minimization.evaluations else { return ending }
    let values = count.values > 0 ? " and \(count.values.grouped) values alone" : ""
    return ending + "; \(count.gradients.grouped) gradients of terms\(values) were computed"
  }

  private var ending: String {
    guard let last = minimization.points.last else { return "no point is known" }
    let place = plan.request.average == nil ? "" : ", at the average of the points,"
    let count = counted(last.step, "step")
    var text = "after \(count)\(place) f = \(significant(last.value, digits: 7))"
    guard let minimum = problem.minimum, let distance = last.distance,
      let nearest = problem.nearestMinimizer(to: last.x)
    else { return text + ", with a gradient of length \(significant(last.gradientNorm, digits: 3))" }
    text +=
      ", \(significant(last.value - minimum, digits: 3)) above the minimum and \(significant(distance, digits: 3)) from "
      + "the \(problem.minimizers.count > 1 ? "nearest " : "")minimizer \(pointText(nearest))"
    let isStationary = last.gradientNorm < 1e-3 * min(1, distance) && last.value - minimum > 1e-3
    if isStationary, problem.feasible == nil {
      text += "; the gradient is nearly 0 there: a local minimizer or a saddle point, not the global minimizer"
    }
    return text
  }

  public var title: String {
    let noise = plan.request.noise > 0 ? ", noise \(significant(plan.request.noise, digits: 3))" : ""
    return "\(plan.problemName), \(plan.methodName)\(noise)"
  }

  /// A file name without extension.
  public var fileName: String { "\(plan.problemName)-\(plan.methodName)" }

  /// A figure of the path over the function's contours if there are two variables; of x if there is one variable and
  /// steps see samples; otherwise of f by step.
  public var figure: any Drawing {
    let points = minimization.points
    if problem.dimension == 2 {
      return ContourFigure(
        title: title, function: { [problem] in problem.evaluate(at: [$0, $1]).value },
        region: (problem.region[0], problem.region[1]),
        paths: [Figure.Curve("path", points: points.map { ($0.x[0], $0.x[1]) })],
        marks: problem.minimizers.map { ($0[0], $0[1]) })
    }
    if problem.dimension == 1, problem.isSampled {
      return Figure(
        title: title, xLabel: "step", yLabel: "x",
        curves: [Figure.Curve("x", points: points.map { (Double($0.step), $0.x[0]) })])
    }
    let minimum = problem.minimum
    var figure = Figure(
      title: title, xLabel: "step", yLabel: minimum == nil ? "f" : "f − minimum",
      curves: [Figure.Curve("f", points: points.map { (Double($0.step), $0.value - (minimum ?? 0)) })])
    figure.isYLogarithmic = figure.curves[0].points.contains { $0.y > 0 }
    return figure
  }
}
