import Descent
import DescentProblems
import Foundation
import TestSupport
import Testing

@testable import DescentLab

@Suite struct TraceTests {
  private func request(_ optimizers: [String], problem: String = "beale", noise: Double = 0) -> TraceRequest {
    var request = TraceRequest()
    request.optimizers = optimizers
    request.minimization.problem = problem
    request.minimization.steps = 60
    request.minimization.noise = noise
    request.minimization.seed = 3
    return request
  }

  private func report(_ request: TraceRequest) throws -> TraceReport {
    var trace = try Trace(request)
    try trace.run()
    return TraceReport(trace)
  }

  /// The page's numbers equal those of the rule on the function's formula.
  @Test func thePageHasThePaths() throws {
    let report = try report(request(["adam:lr=0.05", "sgd:lr=0.01"]))
    let page = try report.page()
    checkMarkup(page)
    let shown = try data(TraceData.self, in: page)
    #expect(shown.paths.map(\.name) == ["adam:lr=0.05", "sgd:lr=0.01"] && shown.steps == 60 && shown.minimum == 0)
    #expect(shown.minimizers == [[3, 0.5]])
    let path = shown.paths[1]
    #expect(path.step == Array(0...60))
    var (x, y) = (path.x[0], path.y[0])
    for k in 0...60 {
      let (a, b, c) = (1.5 - x + x * y, 2.25 - x + x * y * y, 2.625 - x + x * y * y * y)
      #expect(abs(path.x[k] - x) < 1e-6 && abs(path.y[k] - y) < 1e-6, "step \(k)")
      #expect(abs(path.f[k] - (a * a + b * b + c * c)) < 1e-9 * max(1, path.f[k]))
      let dx: Double = 2 * a * (y - 1) + 2 * b * (y * y - 1) + 2 * c * (y * y * y - 1)
      let dy: Double = 2 * a * x + 4 * b * x * y + 6 * c * x * y * y
      (x, y) = (x - 0.01 * dx, y - 0.01 * dy)
    }
    // The grid holds the function's values minus the least value on it.
    let problem = try ProblemCatalogue.problem(named: "beale")
    func height(_ i: Int, _ j: Int) -> Double {
      let x = shown.x[0] + (shown.x[1] - shown.x[0]) * Double(i) / 100
      let y = shown.y[0] + (shown.y[1] - shown.y[0]) * Double(j) / 100
      return problem.evaluate(at: [x, y]).value
    }
    let difference = try #require(shown.heights[20][70]) - #require(shown.heights[80][10])
    #expect(abs(difference - (height(20, 70) - height(80, 10))) < 1e-3 * height(80, 10))
    #expect(shown.levels == shown.levels.sorted() && shown.levels.count > 10)
    #expect(report.table.rows.map { $0[0] } == shown.paths.map(\.name))
  }

  @Test func theSameSeedGivesTheSamePageAndAnotherDoesNot() throws {
    var noisy = request(["adam:lr=0.05", "adadelta"], noise: 0.5)
    let page = try report(noisy).page()
    #expect(try report(noisy).page() == page)
    noisy.minimization.seed = 4
    #expect(try report(noisy).page() != page)
  }

  @Test func divergingPathsAreShownAsFarAsTheyGo() throws {
    let report = try report(request(["sgd:lr=10", "adam:lr=0.05"], problem: "rosenbrock"))
    #expect(report.notes.count == 1 && report.notes[0].hasPrefix("sgd:lr=10: "))
    let shown = try data(TraceData.self, in: report.page())
    #expect(shown.paths.count == 2 && shown.paths[0].step.count < 20)
    #expect(shown.paths.map(\.name) == ["sgd:lr=10 (diverges)", "adam:lr=0.05"])
    // The page shows at most three times the region's width.
    let region = try ProblemCatalogue.problem(named: "rosenbrock").region[0]
    #expect(shown.x[1] - shown.x[0] <= 3 * (region.upperBound - region.lowerBound))
  }

  @Test func refusesWhatCannotBeTraced() throws {
    let three = #expect(throws: RunError.self) { try Trace(request(["adam"], problem: "quadratic:dimension=3")) }
    #expect(three?.description.contains("3 variables") == true && three?.description.contains("beale") == true)
    #expect(throws: RunError.self) { try Trace(request(["adam", "adam"])) }
    #expect(throws: RunError.self) { try Trace(request([])) }
    #expect(throws: (any Error).self) { try Trace(request(["adma"])) }
  }

  @Test func theCommandWritesPageAndFigure() throws {
    let scratch = try TemporaryFolder()
    let result = try CommandLine.run(
      ["trace", "--problem", "beale", "--optimizer", "adam:lr=0.05", "--optimizer", "lbfgs", "--steps", "50"],
      in: scratch.path)
    #expect(result.status == 0, "\(result.error)")
    #expect(result.output.contains("adam:lr=0.05") && result.output.contains("lbfgs"))
    let page = try String(contentsOfFile: scratch.path + "/traces/beale/trace.html", encoding: .utf8)
    #expect(try data(TraceData.self, in: page).paths.map(\.name) == ["adam:lr=0.05", "lbfgs"])
    let refused = try CommandLine.run(["trace", "--problem", "quadratic:dimension=3"], in: scratch.path)
    #expect(refused.status == 1 && refused.error.hasPrefix("descent: ") && refused.error.contains("--problem"))
    #expect(try scratch.names() == ["traces"])
  }

  @Test func theCommandsReportAndPlotWriteTheirFiles() throws {
    let runs = try WrittenRuns()
    try runs.write("runs/a")
    try runs.write("runs/b", seed: 2)
    let report = try CommandLine.run(["report", "runs", "--output", "r.html"], in: runs.path)
    #expect(report.status == 0 && report.output.contains("81.00 %"), "\(report.error)")
    checkMarkup(try String(contentsOfFile: runs.path + "/r.html", encoding: .utf8))
    if Gnuplot.isInstalled {
      let plot = try CommandLine.run(["plot", "runs", "--metric", "train_loss", "--output", "p.svg"], in: runs.path)
      #expect(plot.status == 0 && plot.output.contains("train_loss"), "\(plot.error)")
      #expect(try String(contentsOfFile: runs.path + "/p.svg", encoding: .utf8).contains("</svg>"))
    }
    for (arguments, part) in [
      (["plot", "runs", "--metric", "x"], "there is no metric 'x'"),
      (["plot", "runs", "--output", "p.pdf"], ".svg or .png"),
      (["report", "nowhere"], "'nowhere' holds no run"),
    ] {
      let result = try CommandLine.run(arguments, in: runs.path)
      #expect(result.status == 1 && result.error.contains(part), "\(result.error)")
      #expect(result.error.filter(\.isNewline).count == 1)
    }
    #expect(try runs.scratch.names().filter { $0.hasSuffix(".pdf") || $0 == "report.html" } == [])
  }
}
