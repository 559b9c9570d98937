import Foundation
import Testing

@testable import DescentLab

@Suite struct RunMetricTests {
  private func points(_ metric: String, by axis: RunMetric.Axis?, of runs: [SavedRun]) throws -> [[Double]] {
    try RunMetric(metric, by: axis, of: runs).points(of: runs[0]).map { [$0.x, $0.y] }
  }

  @Test func columnsAndTagsArePlacedOnAnyAxis() throws {
    let written = try WrittenRuns()
    try written.write("a")
    let runs = try SavedRun.find(in: [written.path])
    #expect(try points("test_loss", by: nil, of: runs) == [[1, 2], [2, 1]])
    #expect(try points("Test-Loss", by: .step, of: runs) == [[100, 2], [200, 1]])
    #expect(try points("train_loss", by: .seconds, of: runs) == [[3, 1], [12, 0.5]])
    let byStep = try points("train/loss", by: nil, of: runs)
    #expect(byStep.count == 200 && byStep[0] == [1, 1000] && byStep[199] == [200, 5])
    // Interpolated between the ends of the epochs, at 3 s and 12 s.
    let bySeconds = try points("train/loss", by: .seconds, of: runs)
    #expect(bySeconds[49] == [1.5, 20] && bySeconds[99] == [3, 10] && bySeconds[149][0] == 7.5)
    let byEpoch = try points("train/loss", by: .epoch, of: runs)
    #expect(byEpoch[49][0] == 0.5 && byEpoch[199][0] == 2)
  }

  @Test func unknownMetricsAreRefusedWithThoseThatThereAre() throws {
    let written = try WrittenRuns()
    try written.write("a")
    let runs = try SavedRun.find(in: [written.path])
    let error = #expect(throws: RunError.self) { try RunMetric("test_accurcy", of: runs) }
    let text = error?.description ?? ""
    #expect(text.contains("did you mean 'test_accuracy'?") && text.contains("train/loss"))
  }

  @Test func runsOfOtherSeedsAreOneCurveWithASpread() throws {
    let written = try WrittenRuns()
    try written.write("x/seed-1")
    try written.write("x/seed-2", seed: 2)
    try written.write("y", optimizer: "sgd")
    let runs = try SavedRun.find(in: [written.path])
    let metric = try RunMetric("test_accuracy", of: runs)
    let figure = metric.figure(of: runs)
    #expect(figure.curves.map(\.name) == ["x (2 seeds)", "y"])
    // 0.81 and 0.82 after epoch 1, 0.71 and 0.72 after epoch 2.
    #expect(figure.curves[0].points.map(\.x) == [1, 2])
    #expect(abs(figure.curves[0].points[1].y - 0.715) < 1e-12)
    #expect(abs(figure.curves[0].band[0].low - 0.81) < 1e-12)
    #expect(abs(figure.curves[0].band[0].high - 0.82) < 1e-12)
    #expect(figure.curves[1].band.isEmpty)
    // For a falling metric the names are on the right, for a rising one on the left.
    #expect(!figure.hasKeyAtLeft && metric.figure(of: []).curves.isEmpty)
    #expect(try RunMetric("seconds", of: runs).figure(of: runs).hasKeyAtLeft)
    #expect(metric.figure(of: runs, isEach: true).curves.map(\.name) == ["x/seed-1", "x/seed-2", "y"])
  }

  @Test(.enabled(if: Gnuplot.isInstalled, "gnuplot is not installed"))
  func theFigureHasACurveForEachRun() throws {
    let written = try WrittenRuns()
    try written.write("a")
    try written.write("b", optimizer: "sgd")
    let runs = try SavedRun.find(in: [written.path])
    let figure = try RunMetric("train/loss", of: runs).figure(of: runs, isLogarithmic: true)
    #expect(figure.curves.map(\.name) == ["a", "b"] && figure.isYLogarithmic)
    let picture = try figure.characters(columns: 70)
    #expect(picture.contains("step") && picture.contains("train/loss"))
  }
}
