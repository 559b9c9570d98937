import Descent
import Foundation
import TestSupport
import Testing

@testable import DescentLab
@testable import DescentPapers

@Suite struct ReproductionTests {
  private func session(
    _ reproduction: Reproduction, _ folder: String, until stop: @escaping () -> Bool = { false }
  ) throws -> ReproductionSession {
    try ReproductionSession(reproduction, scale: .quick, folder: folder, dataRoot: nil, threads: 1, until: stop)
  }

  /// Two optimizers on the drawn digits.
  private let small = Reproduction(
    name: "small", title: "A small one", paper: "None", data: [], duration: "1 s"
  ) { session in
    let contenders = session.grid([("adam", "adam:lr=$", ["0.001", "0.01"]), ("sgd", "sgd:lr=$", ["0.1"])]) {
      session.configuration(
        data: "digits:train=400,test=40", model: "mlp:hidden=8", optimizer: $0, epochs: 2, batch: 20)
    }
    let results = try session.compare("digits", contenders, seeds: 2)
    var page = ReproductionPage()
    page.add(heading: "Losses")
    page.add(results.best(), as: "losses", "Losses")
    page.judge("adam", ahead: "sgd", in: results.best(), "Adam is ahead of SGD | here")
    return page
  }

  @Test func namesAreUniqueAndFound() throws {
    let names = Reproduction.all.map(\.name)
    #expect(Set(names).count == names.count)
    for name in names { #expect(try Reproduction.named(name.uppercased()).name == name) }
    #expect(throws: UnknownName("adam-logistc", kind: "reproduction", known: names)) {
      try Reproduction.named("adam-logistc")
    }
  }

  @Test func writesItsPage() throws {
    let scratch = try TemporaryFolder()
    let (page, paths) = try session(small, scratch.path + "/small").run()
    #expect(page.verdicts.count == 1 && paths.first == scratch.path + "/small/README.md")
    let text = try String(contentsOfFile: scratch.path + "/small/README.md", encoding: .utf8)
    #expect(text.hasPrefix("# A small one\n\nNone.\n\n```\ndescent reproduce small --quick\n```\n"))
    #expect(text.contains("may hold in full. Run on 20"))
    #expect(text.contains("| Adam is ahead of SGD \\| here | yes   | adam 1."))
    #expect(text.contains("![Losses](losses.svg)") || !Gnuplot.isInstalled)
    // An index lists only experiments of the catalogue.
    #expect(throws: RunFolderError.holdsNoReproductions(scratch.path)) {
      try ReproductionSummary.writeIndex(in: scratch.path)
    }
  }

  @Test func otherFoldersAreLeftAlone() throws {
    let scratch = try TemporaryFolder()
    try Data("mine".utf8).write(to: URL(filePath: scratch.path + "/README.md"))
    #expect(throws: RunFolderError.holdsOtherFiles(scratch.path)) { try session(small, scratch.path) }
    let folder = scratch.path + "/signs"
    let signs = try Reproduction.named("signsgd-noise")
    do {
      let first = try session(signs, folder)
      #expect(!FileManager.default.fileExists(atPath: folder))
      _ = try first.remembered("numbers") { [1.5] }
      // While it runs, no other session may write there.
      #expect(throws: RunFolderError.inUse(folder)) { try session(signs, folder).remembered("more") { [1.5] } }
    }
    #expect(throws: RunFolderError.holdsAnother(folder, what: "signsgd-noise in the form quick")) {
      try session(small, folder)
    }
    _ = try session(signs, folder).run()
    #expect(throws: RunFolderError.holdsAnother(folder, what: "signsgd-noise in the form quick")) {
      try session(small, folder)
    }
    // The index would replace a file that is not an index.
    #expect(throws: RunFolderError.holdsOtherFiles(scratch.path)) {
      try ReproductionSummary.writeIndex(in: scratch.path)
    }
    #expect(try String(contentsOfFile: scratch.path + "/README.md", encoding: .utf8) == "mine")
    try Data("{".utf8).write(to: URL(filePath: folder + "/summary.json"))
    #expect(throws: RunFolderError.self) { try ReproductionSummary.writeIndex(in: scratch.path) }
  }

  /// An interrupted reproduction ends with the same numbers as one without interruption.
  @Test func goesOnWhereItWasStopped() throws {
    let scratch = try TemporaryFolder()
    let whole = try session(small, scratch.path + "/whole").run().page.verdicts
    for stop in [7, 33, 100] {
      var step = 0
      let stopped = try session(small, scratch.path + "/parts") { step >= stop }
      stopped.observer.step = { step = $0.totalStep }
      #expect(throws: ReproductionSession.Interrupted.self) { try stopped.run() }
      #expect(!FileManager.default.fileExists(atPath: scratch.path + "/parts/README.md"))
    }
    #expect(try session(small, scratch.path + "/parts").run().page.verdicts == whole)
  }

  @Test func whatWasComputedIsKept() throws {
    let scratch = try TemporaryFolder()
    let first = try session(small, scratch.path)
    #expect(try first.remembered("numbers") { [1.5, 2.5] } == [1.5, 2.5])
    #expect(try session(small, scratch.path).remembered("numbers") { [0.0] } == [1.5, 2.5])
  }

  @Test func theBestOfAMethodHasTheLeastLoss() throws {
    func result(_ name: String, _ loss: Double) throws -> ContenderResult {
      let scratch = try TemporaryFolder()
      let row = EpochMetrics(epoch: 1, step: 1, seconds: 1, trainLoss: loss)
      var metrics = try MetricsFile(scratch.path + "/metrics.csv", upTo: .max)
      metrics.append(row)
      try metrics.write()
      let contender = Contender(name, .standard)
      return ContenderResult(
        contender: contender, stepsPerEpoch: 1, runs: [try RunRecord(of: scratch.path, seed: 1)])
    }
    let results = try [
      result("adam 1", 0.5), result("adam 2", 0.25), result("sgd 1", .nan), result("sgd 2", 3), result("x", .nan),
    ]
    #expect(results.best().map(\.name) == ["adam 2", "sgd 2", "x"])
    #expect(results.best().of("sgd")?.trainLoss == 3 && results.of("rmsprop") == nil)
  }

  /// The papers' claims about functions, which need no data and little time.
  @Test(arguments: [
    ("diffgrad-functions", ["F₁: Adam runs over the global minimum into the local one, diffGrad does not"]),
    ("signsgd-noise", ["signsgd 0.01 is far below sgd 0.001", "signsgd 0.1/√t is far below sgd 0.01/√t"]),
  ])
  func claimsHold(_ name: String, _ claims: [String]) throws {
    let scratch = try TemporaryFolder()
    let page = try session(Reproduction.named(name), scratch.path).run().page
    for claim in claims { #expect(page.verdicts.first { $0.claim == claim }?.holds == true, "\(claim)") }
  }
}
