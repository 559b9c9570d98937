import Descent
import Foundation
import TestSupport
import Testing

@testable import DescentLab

/// Folders of runs with known numbers, as training writes them.
struct WrittenRuns {
  let scratch: TemporaryFolder

  init() throws { scratch = try TemporaryFolder() }

  var path: String { scratch.path }

  /// Two epochs of 100 steps each: the loss of a batch is 1000 ÷ step.
  func write(
    _ name: String, optimizer: String = "adam", data: String = "digits", seed: UInt64 = 1, diagnoses: Bool = false
  ) throws {
    var configuration = RunConfiguration(
      data: data, model: "mlp:hidden=8", optimizer: optimizer, epochs: 2, batchSize: 10, seed: seed, threads: 1)
    configuration.diagnostics = diagnoses ? 50 : nil
    let folder = try RunFolder("\(path)/\(name)", configuration: configuration, resume: false)
    let events = try EventWriter(folder: folder.path)
    for step in 1...200 { try events.write([(Trainer.lossTag, 1000 / Double(step))], step: step) }
    if diagnoses {
      for step in [50, 100, 150, 200] {
        let block = BlockDiagnostics(
          name: "dense1.weight", squaredGradient: 4, squaredParameters: 100, squaredUpdate: 1, elementCount: 10,
          dominatedCount: 5, noise: GradientNoise(signal: step == 100 ? -1 : 2, trace: 6, batchSize: 10))
        for values in [block, BlockDiagnostics.total([block])] {
          try events.write(values.values.map { ($0.metric.tag(of: values.name), $0.value) }, step: step)
        }
      }
    }
    var metrics = try MetricsFile(folder.metricsPath, upTo: 0)
    for epoch in 1...2 {
      metrics.append(
        EpochMetrics(
          epoch: epoch, step: 100 * epoch, seconds: 3 * Double(epoch * epoch), trainLoss: 1 / Double(epoch),
          trainAccuracy: 0.5, testLoss: 2 / Double(epoch), testAccuracy: 0.9 - 0.1 * Double(epoch) + Double(seed) / 100,
          learningRate: 0.001))
    }
    try metrics.write()
  }
}

@Suite struct RunsReportTests {
  @Test func findsRunsInFoldersAndNamesThem() throws {
    let runs = try WrittenRuns()
    for name in ["out/1-adam/seed-1", "out/1-adam/seed-2", "out/2-sgd/seed-1", "out/10-x", "alone"] {
      try runs.write(name)
    }
    let found = try SavedRun.find(in: [runs.path + "/out/"])
    #expect(found.map(\.name) == ["1-adam/seed-1", "1-adam/seed-2", "2-sgd/seed-1", "10-x"])
    #expect(try SavedRun.find(in: [runs.path + "/alone"]).map(\.name) == ["alone"])
    let both = try SavedRun.find(in: [runs.path + "/alone", runs.path + "/out/1-adam", runs.path + "/alone"])
    #expect(both.map(\.name) == ["alone", "1-adam/seed-1", "1-adam/seed-2"])
    #expect(found[0].rows.map(\.step) == [100, 200])
    #expect(found[0].events[Trainer.lossTag]?.count == 200)
  }

  @Test func linksThatLeadInCirclesAreFollowedOnce() throws {
    let runs = try WrittenRuns()
    for name in ["out/a", "out/inner/b"] { try runs.write(name) }
    for link in ["one", "two", "inner/three"] {
      try FileManager.default.createSymbolicLink(
        atPath: "\(runs.path)/out/\(link)", withDestinationPath: "\(runs.path)/out")
    }
    #expect(try SavedRun.find(in: [runs.path + "/out"]).map(\.name) == ["a", "inner/b"])
    // A folder given by two paths counts once.
    #expect(try SavedRun.find(in: [runs.path + "/out", runs.path + "/out/one"]).count == 2)
  }

  @Test func aDamagedRunIsLeftOutUnlessItIsAlone() throws {
    let runs = try WrittenRuns()
    for name in ["out/a", "out/b"] { try runs.write(name) }
    try Data("epoch,what\n".utf8).write(to: URL(filePath: runs.path + "/out/a/metrics.csv"))
    var notes: [String] = []
    #expect(try SavedRun.find(in: [runs.path + "/out"]) { notes.append($0) }.map(\.name) == ["b"])
    #expect(notes.count == 1 && notes[0].contains("out/a/metrics.csv"))
    #expect(throws: RunFolderError.self) { try SavedRun.find(in: [runs.path + "/out/a"]) }
  }

  @Test func refusesFoldersWithoutRuns() throws {
    let runs = try WrittenRuns()
    try FileManager.default.createDirectory(atPath: runs.path + "/empty/inner", withIntermediateDirectories: true)
    #expect(throws: RunFolderError.holdsNoRun(runs.path + "/empty")) { try SavedRun.find(in: [runs.path + "/empty"]) }
    #expect(throws: RunFolderError.self) { try SavedRun.find(in: [runs.path + "/missing"]) }
    try runs.write("broken")
    try AtomicFile.write("{", to: runs.path + "/broken/config.json")
    #expect(throws: RunFolderError.self) { try SavedRun.find(in: [runs.path + "/broken"]) }
  }

  @Test func thePageHasTheRuns() throws {
    let runs = try WrittenRuns()
    try runs.write("1-adam/seed-1", optimizer: "adam:learningRate=0.001,beta1=0.9", diagnoses: true)
    try runs.write("1-adam/seed-2", optimizer: "adam:learningRate=0.001,beta1=0.9", seed: 2)
    try runs.write("2-sgd/seed-1", optimizer: "sgd:learningRate=0.1")
    let report = RunsReport(of: try SavedRun.find(in: [runs.path]))
    #expect(report.table.rows.map { $0[0] } == ["1-adam/seed-1", "1-adam/seed-2", "2-sgd/seed-1"])
    // Test accuracy 0.81 after epoch 1, 0.71 after epoch 2.
    #expect(report.table.rows[0].suffix(3) == ["71.00 %", "81.00 %", "1"])
    #expect(report.differences.header == ["run", "optimizer", "optimizer.learningRate", "diagnostics", "seed"])
    #expect(report.differences.rows[2] == ["2-sgd/seed-1", "sgd", "0.1", "–", "1"])
    #expect(report.settings.rows.contains(["optimizer.beta1", "0.9", "0.9", "–"]))

    let page = report.page
    checkMarkup(page)
    let shown = try data(ReportData.self, in: page)
    #expect(shown.groups == ["1-adam", "2-sgd/seed-1"])
    let losses = try #require(shown.charts.first)
    #expect(losses.series.map(\.group) == [0, 0, 1])
    #expect(losses.series[0].x == (1...200).map(Double.init))
    #expect(losses.series[0].y[1] == 500 && losses.series[0].low == nil)
    let accuracy = try #require(shown.charts.first { $0.title == "Test accuracy" })
    #expect(accuracy.series[1].x == [1, 2] && accuracy.series[1].y == [0.82, 0.72])

    let diagnosis = try #require(shown.diagnoses.first)
    #expect(shown.diagnoses.count == 1 && diagnosis.blocks == ["all", "dense1.weight"])
    func values(_ title: String) -> [Double?]? { diagnosis.charts.first { $0.title.contains(title) }?.series[1].y }
    #expect(values("Effective step") == [0.5, 0.5, 0.5, 0.5])
    #expect(values("Share of elements") == [0.5, 0.5, 0.5, 0.5])
    // Averages that start from 0 with the weight 0.1: tr Σ 0.6, 1.14; ‖G‖² 0.2, 0.08.
    #expect(values("Noise scale")?.first == 3)
    #expect(abs((values("Noise scale")?[1] ?? 0) - 1.14 / 0.08) < 1e-4)
  }

  @Test func largeCurvesAreThinnedAndNothingNonFiniteIsWritten() throws {
    let points = (1...100_000).map { (x: Double($0), y: $0 == 50_000 ? Double.infinity : Double($0 % 7)) }
    let series = ReportData.Series("a", group: 0, points)
    #expect(series.x.count == 800)
    #expect(series.low?.allSatisfy { $0 == 0 } == true && series.high?.allSatisfy { $0 == 6 } == true)
    let diverged = ReportData.Series("b", group: 0, [(1, 2), (2, .nan)])
    #expect(diverged.y == [2, nil])
    let text = Page.embedded(diverged)
    #expect(text.contains("[2,null]") && !text.contains("nan"))
  }

  @Test func runsThatDifferInTheirSeedAloneAreAGroup() throws {
    let runs = try WrittenRuns()
    for (i, rate) in ["0.1", "0.2", "0.1", "0.3", "0.2"].enumerated() {
      try runs.write("\(i)", optimizer: "sgd:lr=\(rate)", seed: UInt64(i))
    }
    let found = try SavedRun.find(in: [runs.path])
    let groups = RunGroups(found)
    #expect(groups.numbers == [0, 1, 0, 2, 1] && groups.names == ["0 and 1 more", "1 and 1 more", "3"])
    #expect(groups.members(of: found).map { $0.map(\.name) } == [["0", "2"], ["1", "4"], ["3"]])
  }

  @Test func namesAndSettingsCannotBecomeMarkup() throws {
    let runs = try WrittenRuns()
    try runs.write("a<img src=x onerror=alert(1)>", data: "</script><b>digits")
    let report = RunsReport(of: try SavedRun.find(in: [runs.path]))
    let page = report.page
    #expect(!page.contains("<img") && !page.contains("<b>digits") && !page.contains("</script><b>"))
    #expect(page.contains("&lt;img src=x onerror=alert(1)&gt;"))
    #expect(try data(ReportData.self, in: page).groups == ["a<img src=x onerror=alert(1)>"])
  }
}
