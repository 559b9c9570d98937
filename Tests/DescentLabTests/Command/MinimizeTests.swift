import Descent
import Foundation
import TestSupport
import Testing

@testable import DescentLab

@Suite struct MinimizeTests {
  @Test(
    arguments: [
      ("--problem rosenbrok", 1, "'rosenbrock'"),
      ("--problem quadratic:dimensio=3", 1, "'dimension'"),
      ("--problem quadratic:dimension=0", 1, "1...1000"),
      ("--problem rosenbrock:form=pairs,dimension=3", 1, "even"),
      ("--problem logisticregression:data=a9", 1, "a9a"),
      ("--problem logisticregression:data=a9a --data-dir missing", 1, "missing"),
      ("--optimizer adma", 1, "'adam'"),
      ("--optimizer adam:lr=-1", 1, "learningRate"),
      ("--start 1", 1, "2 numbers"),
      ("--start 1,2,3", 1, "not 3"),
      ("--start 1,a", 1, "joined by commas"),
      ("--start 1,", 1, "joined by commas"),
      ("--start 1,inf", 1, "finite"),
      ("--problem reddi --start -2", 1, "from -1.0 to 1.0"),
      ("--steps 0", 1, "--steps"),
      ("--steps many", 64, "--steps"),
      ("--noise nan", 1, "--noise"),
      ("--every 0", 1, "--every"),
      ("--average 2", 1, "--average"),
      ("--out file", 1, "'file' is a file"),
    ] as [(String, Int32, String)])
  func refusesBadInputInOneLineAndWritesNothing(_ line: String, _ status: Int32, _ part: String) throws {
    let scratch = try TemporaryFolder()
    try Data().write(to: URL(filePath: scratch.path + "/file"))
    let result = try CommandLine.run(
      ["minimize"] + line.split(separator: " ").map(String.init), in: scratch.path)
    #expect(result.status == status, "\(result.error)")
    #expect(result.error.hasPrefix("descent: ") && result.error.contains(part), "\(result.error)")
    #expect(result.error.filter(\.isNewline).count == 1)
    #expect(result.output == "")
    #expect(try scratch.names() == ["file"])
  }

  private func path(_ arguments: [String], in scratch: TemporaryFolder) throws -> [PathPoint] {
    let result = try CommandLine.run(["minimize", "--json"] + arguments, in: scratch.path)
    #expect(result.status == 0, "\(result.error)")
    return try result.output.split(separator: "\n").map {
      try JSONDecoder().decode(PathPoint.self, from: Data($0.utf8))
    }
  }

  /// The path equals the rule's steps on the function's formula.
  @Test func followsTheRule() throws {
    let scratch = try TemporaryFolder()
    let points = try path(
      ["--optimizer", "adam:lr=0.02,beta2=0.99", "--steps", "40", "--every", "1", "--start", "-1,2"], in: scratch)
    #expect(points.map(\.step) == Array(0...40))
    #expect(try scratch.names() == [])
    var θ = try ParameterVector([-1.0, 2])
    var optimizer = try Optimizer(Adam<Double>(learningRate: 0.02, beta2: 0.99), for: θ)
    for point in points {
      let x = θ.values
      #expect(point.x == x)
      let (rise, rest) = (x[1] - x[0] * x[0], 1 - x[0])
      let gradient = [-400 * x[0] * rise - 2 * rest, 200 * rise]
      #expect(abs(point.value - (100 * rise * rise + rest * rest)) <= 1e-12 * point.value)
      let length = (gradient[0] * gradient[0] + gradient[1] * gradient[1]).squareRoot()
      #expect(abs(point.gradientNorm - length) <= 1e-12 * length)
      #expect(abs(point.distance! - ((x[0] - 1) * (x[0] - 1) + (x[1] - 1) * (x[1] - 1)).squareRoot()) < 1e-14)
      try optimizer.step(&θ, gradient: try ParameterVector(gradient))
    }
  }

  @Test func printsATableAFigureAndALineInWords() throws {
    let scratch = try TemporaryFolder()
    let result = try CommandLine.run(["minimize"], in: scratch.path)
    #expect(result.status == 0, "\(result.error)")
    let lines = result.output.split(separator: "\n")
    #expect(lines[0].contains("step") && lines[0].contains("distance"))
    #expect(lines[2].contains("24.2") && lines[2].contains("(-1.2, 1)"))
    let table = lines.prefix { !$0.contains("rosenbrock") }
    #expect((10...20).contains(table.count - 2))
    #expect(table.last!.hasPrefix("2,000"))
    #expect(result.error.contains("after 2,000 steps f = "))
    #expect(result.error.contains("from the minimizer (1, 1)"))
    guard Gnuplot.isInstalled else {
      #expect(result.error.contains("gnuplot"))
      return
    }
    #expect(result.output.contains("minimizer") && result.output.contains("S") && result.output.contains("*"))
    #expect(try scratch.names() == ["rosenbrock-adam.svg"])
    let svg = try String(contentsOfFile: scratch.path + "/rosenbrock-adam.svg", encoding: .utf8)
    #expect(svg.contains("</svg>") && svg.contains("rosenbrock, adam") && svg.contains("minimizer"))
  }

  @Test func writesThePathIntoAFolder() throws {
    let scratch = try TemporaryFolder()
    for _ in 0..<2 {
      let result = try CommandLine.run(
        ["minimize", "--problem", "quadratic:dimension=3", "--optimizer", "sgd:lr=1", "--steps", "50", "--out", "a/b"],
        in: scratch.path)
      #expect(result.status == 0, "\(result.error)")
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/a/b").sorted()
    #expect(names == (Gnuplot.isInstalled ? ["path.csv", "path.svg"] : ["path.csv"]))
    #expect(try scratch.names() == ["a"])
    let rows = try String(contentsOfFile: scratch.path + "/a/b/path.csv", encoding: .utf8).split(separator: "\n")
    #expect(rows[0] == "step,value,gradient_norm,distance,x1,x2,x3" && rows.count == 52)
    // Gradient descent with α = 1/L: f falls at least by 1 − μ/L a step (and by rounding no more).
    let values = rows.dropFirst().map { Double($0.split(separator: ",")[1])! }
    #expect(zip(values, values.dropFirst()).allSatisfy { $1 <= 0.99 * $0 })
  }

  @Test func saysWhereItDivergedAfterTheTable() throws {
    let scratch = try TemporaryFolder()
    let result = try CommandLine.run(["minimize", "--optimizer", "sgd:lr=0.1", "--out", "a"], in: scratch.path)
    #expect(result.status == 1)
    #expect(result.output.contains("24.2"))
    let message = try #require(result.error.split(separator: "\n").last)
    #expect(message.hasPrefix("descent: ") && message.contains("steps; lower the learning rate"), "\(message)")
    #expect(try !String(contentsOfFile: scratch.path + "/a/path.csv", encoding: .utf8).contains("nan"))
  }

  /// The same seed gives the same path. The noise is on the gradients that the method sees, not on the values shown.
  @Test func noiseAndSamplesDeriveFromTheSeed() throws {
    let scratch = try TemporaryFolder()
    func end(_ problem: String, _ more: [String]) throws -> PathPoint {
      try #require(
        try path(["--problem", problem, "--optimizer", "sgd:lr=0.01", "--steps", "50"] + more, in: scratch).last)
    }
    for (problem, noise) in [("himmelblau", "0.5"), ("reddistochastic", "0"), ("leastsquares:batch=1", "0")] {
      let first = try end(problem, ["--noise", noise, "--seed", "4"])
      #expect(try end(problem, ["--noise", noise, "--seed", "4"]) == first)
      #expect(try end(problem, ["--noise", noise, "--seed", "5"]).x != first.x)
    }
    #expect(try path(["--noise", "3", "--steps", "1"], in: scratch)[0] == path(["--steps", "1"], in: scratch)[0])
  }

  /// Points stay in the feasible range, and the average is shown.
  @Test func clipsAndAverages() throws {
    let scratch = try TemporaryFolder()
    let reddi = ["--problem", "reddi:period=3,c=3", "--optimizer", "adam:beta1=0,beta2=0.1,lr=0.05", "--steps", "3000"]
    let points = try path(reddi + ["--every", "10"], in: scratch)
    #expect(points.allSatisfy { abs($0.x[0]) <= 1 })
    #expect(points.last!.distance! > 1.8)
    let average = try path(reddi + ["--average", "polyak"], in: scratch)
    // The mean of a path that rises from 0 to about 1 and then stays there.
    #expect(average.last!.x[0] > 0.8 && average.last!.x[0] < points.map { $0.x[0] }.max()!)
  }

  @Test func saysThatALocalMinimizerIsOne() throws {
    let scratch = try TemporaryFolder()
    let result = try CommandLine.run(
      ["minimize", "--problem", "styblinskitang", "--start", "3,3", "--optimizer", "sgd:lr=0.01"], in: scratch.path)
    #expect(result.error.contains("a local minimizer or a saddle point"), "\(result.error)")
    let global = try CommandLine.run(
      ["minimize", "--problem", "styblinskitang", "--optimizer", "sgd:lr=0.01"], in: scratch.path)
    #expect(!global.error.contains("local") && global.error.contains("from the minimizer (-2.90353, -2.90353)"))
  }

  @Test func readsRowsOfAFile() throws {
    let scratch = try TemporaryFolder()
    try Data("+1 1:1\n-1 2:1\n+1 1:0.5 2:-1\n".utf8).write(to: URL(filePath: scratch.path + "/rows"))
    let points = try path(
      ["--problem", "logisticregression:data=libsvm:train=rows,lambda=0.1", "--data-dir", ".", "--optimizer"]
        + ["sgd:lr=1", "--steps", "500"], in: scratch)
    // At 0 each term is log 2, and the gradient −½ times the mean of y a: (1 + 0.5, −1 − 1) / 3.
    #expect(abs(points[0].value - 0.6931471805599453) < 1e-12)
    #expect(abs(points[0].gradientNorm - 0.5 * (1.5 * 1.5 + 2 * 2).squareRoot() / 3) < 1e-12)
    #expect(points.last!.distance! < 1e-5)

    try Data("1 1:1\n2 2:1\n3 1:0.5 2:-1\n".utf8).write(to: URL(filePath: scratch.path + "/three"))
    let refused = try CommandLine.run(
      ["minimize", "--problem", "logisticregression:data=libsvm:train=three", "--data-dir", "."], in: scratch.path)
    #expect(refused.status == 1 && refused.error.contains("3 classes") && refused.error.contains("two classes"))
  }
}

@Suite struct MinimizeSumTests {
  private func end(_ problem: String, _ optimizer: String, _ steps: Int) throws -> (point: PathPoint, words: String) {
    let scratch = try TemporaryFolder()
    let result = try CommandLine.run(
      ["minimize", "--problem", problem, "--optimizer", optimizer, "--steps", "\(steps)", "--json"], in: scratch.path)
    #expect(result.status == 0, "\(result.error)")
    let last = try #require(result.output.split(separator: "\n").last)
    return (try JSONDecoder().decode(PathPoint.self, from: Data(last.utf8)), result.error)
  }

  /// A deterministic problem is a sum of one term; the run ends when there is no more progress.
  @Test func functionsAreSumsOfOneTerm() throws {
    for (problem, optimizer) in [
      ("rosenbrock", "l-bfgs"), ("rosenbrock:dimension=10", "lbfgs"), ("beale", "lbfgs:history=3"),
    ] {
      let (point, words) = try end(problem, optimizer, 500)
      #expect(point.distance! < 1e-6 && point.step < 200, "\(problem): \(point)")
      #expect(words.contains("gradients of terms"))
    }
    #expect(try end("quadratic", "gradientdescent:lr=1", 2000).point.distance! < 1e-6)
    // A method that uses values alone: more steps, no gradient.
    let spsa = try end("quadratic:condition=2", "spsa:gain=0.3", 2000)
    #expect(spsa.point.distance! < 0.05 && spsa.words.contains("0 gradients of terms and"))
  }

  /// A sum of many terms: with variance reduction the path converges; with single terms it does not.
  @Test func sumsAreSums() throws {
    let problem = "leastsquares:rows=30,dimension=5,rank=5,condition=3"
    let svrg = try end(problem, "svrg:lr=0.05", 1200).point
    let sgd = try end(problem + ",batch=1", "sgd:lr=0.05", 1200).point
    #expect(svrg.distance! < 1e-3 && sgd.distance! > 10 * svrg.distance!)
    #expect(try end("logisticregression:rows=50,dimension=3,lambda=0.1", "lbfgs", 100).point.distance! < 1e-6)
  }

  @Test(
    arguments: [
      ("--optimizer lbgfs", "'lbfgs'"),
      ("--optimizer lbfgs:histroy=3", "'history'"),
      ("--optimizer lbfgs --average 0.9", "--average"),
      ("--optimizer lbfgs:lookahead=5", "lookahead"),
      ("--optimizer lbfgs --noise 0.1", "--noise"),
      ("--optimizer lbfgs --problem reddi", "reddi"),
      ("--optimizer svrg --problem sparsenoise", "sparsenoise"),
      ("--optimizer svrg --problem leastsquares:batch=2", "batch"),
      ("--optimizer svrg:batchSize=21 --problem leastsquares", "more than the 20 terms"),
    ])
  func refusesWhatAMethodCannotDo(_ line: String, _ part: String) throws {
    let scratch = try TemporaryFolder()
    let result = try CommandLine.run(["minimize"] + line.split(separator: " ").map(String.init), in: scratch.path)
    #expect(result.status == 1)
    #expect(result.error.hasPrefix("descent: ") && result.error.contains(part), "\(result.error)")
    #expect(result.output == "")
    #expect(try scratch.names() == [])
  }

  @Test func saysWhereItDiverged() throws {
    let scratch = try TemporaryFolder()
    let result = try CommandLine.run(["minimize", "--optimizer", "gradientdescent:lr=0.1"], in: scratch.path)
    #expect(result.status == 1 && result.output.contains("24.2"))
    #expect(result.error.contains("lower the learning rate"), "\(result.error)")
  }
}
