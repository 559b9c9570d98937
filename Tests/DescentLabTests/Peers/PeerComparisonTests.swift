import Descent
import DescentCatalogue
import Foundation
import Testing

@testable import DescentLab

@Suite struct PeerComparisonTests {
  @Test func aRatioIsTheMedianOfTheRoundsRatios() throws {
    // 1/2, 4/2, 3/4, 8/2, 5/5.
    let ratio = try #require(Ratio([1, 4, 3, 8, 5], over: [2, 2, 4, 2, 5]))
    #expect(ratio.median == 1 && ratio.least == 0.5 && ratio.greatest == 4)
    #expect(ratio.spread == "0.50–4.00")
    #expect(try #require(Ratio([1, 3], over: [1, 1])).median == 2)
    // A round that failed is left out.
    #expect(try #require(Ratio([1, 3, 5], over: [1, .nan, 1])).median == 3)
    #expect(Ratio([], over: []) == nil)
    #expect(Ratio([1], over: [.nan]) == nil)
  }

  @Test func theFloorsTrafficIsThatOfTheRule() throws {
    // Adam: θ in and out, g in, m and v in and out.
    #expect(StepFloor.bytesPerParameter(slots: 2) == 4 * (2 + 1 + 4))
    #expect(StepFloor.bytesPerParameter(slots: 0) == 12)
    #expect(StepFloor.bytesPerParameter(slots: 0, readsGradientTwice: true) == 16)
    #expect(try OptimizerWorkload.slots(of: OptimizerStep("adam", parameters: 1)) == 2)
    #expect(try OptimizerWorkload.slots(of: OptimizerStep("adam", parameters: 1, average: "0.9")) == 3)
    #expect(try OptimizerWorkload.slots(of: OptimizerStep("sgd", parameters: 1)) == 0)
    #expect(try OptimizerWorkload.slots(of: OptimizerStep("muon", parameters: 1)) == nil)
  }

  @Test(arguments: [1, 16, 1000, 200_000], [1, 3])
  func theFloorLeavesEveryBit(parameters: Int, threads: Int) {
    for slots in 0...7 {
      let floor = StepFloor(parameters: parameters, slots: slots, threads: threads, readsGradientTwice: slots == 2)
      floor.step()
      #expect(floor.isUnchanged)
    }
  }

  @Test func everyElementwiseRuleIsComparedWithItsFloor() throws {
    let titles = BenchmarkCase.compositions.map(\.title)
    for method in Catalogue.methods where method.kind == .element && method.obstacleToMoving == nil {
      #expect(titles.contains("\(method.name), decay, clip, average"))
    }
    for one in BenchmarkCase.compositions {
      guard case .step(var step) = one.work else { continue }
      step.parameters = 100
      let workload = try OptimizerWorkload(step)
      try workload.step()
    }
    #expect(BenchmarkCase.briefCompositions.count == 6)
  }

  @Test func theFasterOfPyTorchsSidesDecides() {
    var result = CaseResult(BenchmarkCase("x", .step(OptimizerStep("adam", parameters: 10)), peer: "adam", target: 0.5))
    #expect(result.isMet == nil)
    result.seconds = [.ours: [1, 1, 1], .eager: [3, 3, 3]]
    #expect(result.isMet == true && result.fasterPeer == .eager)
    result.seconds[.compiled] = [1.5, 1.5, .nan]
    #expect(result.isMet == false && result.fasterPeer == .compiled)
    #expect(result.time(.compiled) == 1.5e8)
  }

  @Test func thePageHoldsEveryNumber() throws {
    var step = CaseResult(
      BenchmarkCase("adam, 2¹⁶ parameters", .step(OptimizerStep("adam", parameters: 1000)), peer: "adam", target: 0.6))
    step.seconds = [.ours: [1e-6, 2e-6, 3e-6], .eager: [4e-6, 4e-6, 4e-6], .floor: [1e-6, 1e-6, 1e-6]]
    step.setting = "fused"
    step.tried = ["fused": 4e-6, "single": 9e-6]
    step.refused = ["compiled": "no compiler"]
    var composed = CaseResult(
      BenchmarkCase("adam, clip", .step(OptimizerStep("adam", parameters: 1000)), floorTarget: 1.15))
    composed.seconds = [.ours: [1.2e-6], .floor: [1e-6]]
    var page = BenchmarksPage(torch: .success("2.13.0"), rounds: 3, seconds: 0.25, load: 0.125)
    page.steps = [step]
    page.compositions = [composed]
    page.figures = [("Step of Adam", "figures/step.svg")]
    let text = page.markdown(command: "descent bench compare", date: Date(timeIntervalSince1970: 0))
    #expect(text.contains("Made by `descent bench compare` on 1970-01-01"))
    #expect(text.contains("load was 0.12") || text.contains("load was 0.13"))
    #expect(text.contains("PyTorch 2.13.0") && text.contains("oneDNN "))
    let row = try #require(text.split(separator: "\n").first { $0.hasPrefix("| adam, 2¹⁶") })
    #expect(
      row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } == [
        "adam, 2¹⁶ parameters", "2.00", "4.00", "fused", "0.50", "0.25–0.75", "0.60", "met", "1.00", "2.00",
      ])
    #expect(text.contains("| 1.20 |") && text.contains("missed"))
    #expect(text.contains("fused 4.00, single 9.00") && text.contains("compiled: no compiler"))
    #expect(text.contains("![Step of Adam](figures/step.svg)"))
    #expect(!text.contains("## Training"))
    #expect(!text.contains("\n\n\n"))
  }

  @Test func powersAreWrittenAsSuch() {
    #expect(BenchmarkCase.powerOfTwo(25) == "2²⁵")
    #expect(BenchmarkCase.powerOfTwo(10) == "2¹⁰")
  }

  @Test func curvesAreDrawnOfWhatWasTimed() throws {
    var curve = try #require(ScalingCurve.all(isQuick: true, threads: 1).first)
    #expect(curve.cases.map(\.x) == [1 << 10, 1 << 14, 1 << 18, 1 << 22, 1 << 26])
    #expect(curve.figure.curves.isEmpty)
    curve = curve.limited(to: 2)
    var lines: [String] = []
    try curve.measure(with: PeerComparison(rounds: 1, seconds: 0.001, compiles: false, peer: nil)) {
      lines.append($0.line)
    }
    #expect(lines.count == 2 && lines.allSatisfy { $0.contains("floor") })
    #expect(curve.figure.curves.map(\.name) == ["Descent", "memory traffic alone"])
    #expect(curve.figure.curves[0].points.map(\.x) == [1024, 16384])
    #expect(curve.figure.curves[0].points.allSatisfy { $0.y > 0 })
    #expect(curve.figure.xMarks?.map(\.label) == ["2¹⁰", "2¹⁴"])
    if Gnuplot.isInstalled {
      let drawing = String(decoding: try curve.figure.render(.svg), as: UTF8.self)
      #expect(drawing.contains("2¹⁴") && drawing.contains("ns for each parameter"))
    }
  }
}
