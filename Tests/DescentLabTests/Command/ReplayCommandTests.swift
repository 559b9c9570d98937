import DescentData
import Foundation
import TestSupport
import Testing

@Suite struct ReplayCommandTests {
  private let scratch: TemporaryFolder

  init() throws {
    scratch = try TemporaryFolder()
    func write(_ name: String, _ shape: [Int], _ value: Float = 0.5) throws {
      let count = shape.reduce(1, *)
      try NPYArray(.float((0..<count).map { value + Float($0) }), shape: shape).write(to: scratch.path + "/" + name)
    }
    try write("x0.npy", [2, 3])
    try write("g.npy", [4, 2, 3])
    try write("narrow.npy", [4, 2, 2])
    try write("steps.npy", [4, 2, 3])
    try NPYArray(.int64([1, 2]), shape: [1, 2]).write(to: scratch.path + "/integers.npy")
    let whole = try Data(contentsOf: URL(filePath: scratch.path + "/g.npy"))
    try whole.dropLast(3).write(to: URL(filePath: scratch.path + "/short.npy"))
    try (whole + [0]).write(to: URL(filePath: scratch.path + "/long.npy"))
    func variant(_ name: String, _ old: String, _ new: String) throws {
      var text = whole
      text.replaceSubrange(try #require(text.range(of: Data(old.utf8))), with: Data(new.utf8))
      try text.write(to: URL(filePath: scratch.path + "/" + name))
    }
    try variant("big.npy", "<f4", ">f4")
    try variant("fortran.npy", "False", "True ")
    try Data("old".utf8).write(to: URL(filePath: scratch.path + "/x.npy"))
  }

  private func run(_ line: String) throws -> CommandLine.Result {
    try CommandLine.run(["replay"] + line.split(separator: " ").map(String.init), in: scratch.path)
  }

  @Test(
    arguments: [
      ("--gradients missing.npy", "missing.npy"),
      ("--gradients narrow.npy", "narrow.npy"),
      ("--gradients x0.npy", "x0.npy"),
      ("--gradients integers.npy", "integers.npy"),
      ("--gradients short.npy", "short.npy"),
      ("--gradients long.npy", "long.npy"),
      ("--gradients big.npy", "big.npy"),
      ("--gradients fortran.npy", "fortran.npy"),
      ("--gradients x.npy", "x.npy"),
      ("--gradients g.txt", "g.txt"),
      ("--gradients g.npy --against steps.npy", "steps.npy"),
      ("--gradients g.npy --against missing.npy", "missing.npy"),
      ("--gradients g.npy --precision double --clip-norm=-0", "--clip-norm"),
      ("--gradients g.npy --weight-decay 2000", "--weight-decay"),
      ("--gradients g.npy --against x0.npy --tolerance nan", "--tolerance"),
      ("--gradients g.npy --tolerance 1", "--against"),
      ("--gradients g.npy --ulps 1", "--against"),
      ("--gradients g.npy --optimizer vsgd", "curvature"),
      ("--gradients g.npy --optimizer storm", "descent: storm needs"),
      ("--gradients g.npy --average 1", "--average"),
      ("--gradients g.npy --evaluated", "--evaluated"),
      ("--gradients g.npy --optimizer adm", "'adam'"),
      ("--gradients g.npy --axes outputsMiddle", "--axes 'outputsMiddle'"),
      ("--gradients g.npy --axes y=outputsFirst", "--axes 'y=outputsFirst'"),
      ("--gradients g.npy --axes input,output,window", "one role for each extent"),
    ])
  func badInputIsRefusedInOneLineAndNothingIsWritten(_ line: String, _ part: String) throws {
    let names = try scratch.names()
    let line = line.contains("--optimizer") ? line : line + " --optimizer adam"
    let result = try run("--initial x0.npy --output x.npy " + line)
    #expect(result.status == 1, "\(result.error)")
    #expect(result.error.hasPrefix("descent: ") && result.error.contains(part), "\(result.error)")
    #expect(result.error.filter(\.isNewline).count == 1 && result.output == "")
    #expect(try scratch.names() == names)
    #expect(try String(contentsOfFile: scratch.path + "/x.npy", encoding: .utf8) == "old")
  }

  @Test func anOutputThatIsAnInputIsRefused() throws {
    let result = try run("--optimizer adam --initial x0.npy --gradients g.npy --output ./g.npy")
    #expect(result.status == 1 && result.error.contains("--output"))
    #expect(try NPYArray(contentsOf: scratch.path + "/g.npy").shape == [4, 2, 3])
  }

  @Test func theStatusSaysWhetherTheyAgree() throws {
    let problem = "--initial x0.npy --gradients g.npy "
    #expect(try run(problem + "--optimizer adam").error.contains("--output"))
    let written = try run(problem + "--optimizer adam:lr=0.1 --output x.npy")
    #expect(written.status == 0 && written.output == "" && written.error.contains("4 steps of 6 parameters"))

    let same = try run(problem + "--optimizer adam:lr=0.1 --against x.npy")
    #expect(same.status == 0 && same.output == "the same as x.npy: all 30 values, to the last bit\n")
    let other = try run(problem + "--optimizer adam:lr=0.2 --against x.npy")
    #expect(other.status == 1 && other.output.contains("first:   step 1, x[0, 0]: "))
    #expect(other.error == "")
    let json = try run(problem + "--optimizer adam:lr=0.2 --against x.npy --json --tolerance 0.35")
    #expect(json.status == 1 && json.output.contains("\"step\":4"), "\(json.output)")
  }

  /// Parameters and gradients in torch's order make the same steps if --axes declares that order.
  @Test func axesSayWhatIsInputAndOutput() throws {
    func transposed(_ name: String, _ other: String) throws {
      let array = try NPYArray(contentsOf: scratch.path + "/" + name)
      guard case .float(let values) = array.elements else {
        Issue.record("\(name) is not in float32")
        return
      }
      var others = values
      for i in values.indices {
        let (row, j, k) = (i / 6, i / 2 % 3, i % 2)
        others[i] = values[row * 6 + k * 3 + j]
      }
      try NPYArray(.float(others), shape: Array(array.shape.dropLast(2)) + [3, 2]).write(to: scratch.path + "/" + other)
    }
    try transposed("x0.npy", "x0t.npy")
    try transposed("g.npy", "gt.npy")
    let ours = "--optimizer muon --initial x0.npy --gradients g.npy --output ours.npy"
    let torchs = "--optimizer muon --initial x0t.npy --gradients gt.npy --against ourst.npy"
    let first = try run(ours)
    #expect(first.status == 0 && first.error.contains("give --axes outputsFirst"))
    try transposed("ours.npy", "ourst.npy")
    #expect(try run(torchs).status == 1)
    let same = try run(torchs + " --axes outputsFirst")
    #expect(same.status == 0 && !same.error.contains("--axes"))
    #expect(try !run(ours.replacing("muon", with: "sm3")).error.contains("--axes"))
    #expect(try run(torchs + " --axes input,output --axes x=output,input").status == 0)
    #expect(try run(torchs + " --axes outputsFirst --axes *=outputsLast").status == 1)
  }
}
