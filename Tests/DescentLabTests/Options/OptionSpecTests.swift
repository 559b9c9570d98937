import Testing

@testable import DescentLab

@Suite struct OptionSpecTests {
  @Test func parsesNamesOptionsAndNestedCalls() throws {
    #expect(try OptionSpec(parsing: "adam") == OptionSpec(name: "adam"))
    #expect(try OptionSpec(parsing: "adam:") == OptionSpec(name: "adam"))
    let spec = try OptionSpec(parsing: " adam : lr = warmup(100,cosine(0.1, 0.01)), beta2=0.99")
    #expect(spec.name == "adam")
    #expect(spec.options.map(\.key) == ["lr", "beta2"])
    #expect(spec.options.map(\.value) == ["warmup(100,cosine(0.1, 0.01))", "0.99"])
    #expect(try OptionSpec(parsing: spec.description) == spec)
  }

  @Test(arguments: [
    ("", OptionSpecError.missingName("")),
    (":lr=1", .missingName(":lr=1")),
    ("adam:lr", .incompleteOption("lr", of: "adam:lr")),
    ("adam:lr=", .incompleteOption("lr=", of: "adam:lr=")),
    ("adam:=1", .incompleteOption("=1", of: "adam:=1")),
    ("adam:lr=1,,eps=2", .incompleteOption("", of: "adam:lr=1,,eps=2")),
    ("adam:lr=1,", .incompleteOption("", of: "adam:lr=1,")),
    ("adam:lr=1,lr=2", .repeatedOption("lr", of: "adam:lr=1,lr=2")),
    ("adam:lr=1,learning-rate=2", .repeatedOption("learning-rate", of: "adam:lr=1,learning-rate=2")),
    ("adam:lr=cosine(0.1", .unbalancedParentheses("adam:lr=cosine(0.1")),
    ("adam:lr=0.1),eps=(1", .unbalancedParentheses("adam:lr=0.1),eps=(1")),
  ])
  func refusesWhatIsMalformed(_ text: String, _ expected: OptionSpecError) {
    #expect(throws: expected) { try OptionSpec(parsing: text) }
  }

  /// Quadratic time took over a minute.
  @Test func manyOptionsAreReadAtOnce() throws {
    let text = "adam:" + (0..<16_000).map { "option\($0)=\($0)" }.joined(separator: ",")
    let spec = try OptionSpec(parsing: text)
    #expect(spec.options.count == 16_000 && spec.description == text)
    #expect(throws: OptionSpecError.self) { try OptionSpec(parsing: text + ",OPTION-7=1") }
  }

  @Test func resolvesKeysAsUsersWriteThem() throws {
    let known = ["learningRate", "beta1", "beta2", "epsilon"]
    let spec = try OptionSpec(parsing: "adam:LR=1,EPS=2,Beta-1=3,beta_2=4").resolved(against: known)
    #expect(spec.options.map(\.key) == ["learningRate", "epsilon", "beta1", "beta2"])
    let error = #expect(throws: OptionSpecError.self) {
      try OptionSpec(parsing: "adam:bta2=0.9").resolved(against: known)
    }
    #expect(
      error?.description
        == "'adam' has no option 'bta2': did you mean 'beta2'? (there are: learningRate, beta1, beta2, epsilon)")
  }
}

@Suite struct NameMatchingTests {
  @Test func findsAndSuggests() {
    let names = ["adam", "adamW", "rmsProp", "adaDelta"]
    #expect(NameMatching.find("RMS-prop", in: names) == "rmsProp")
    #expect(NameMatching.find("adma", in: names) == nil)
    #expect(NameMatching.nearest(to: "adma", in: names) == "adam")
    #expect(NameMatching.nearest(to: "rmspop", in: names) == "rmsProp")
    #expect(NameMatching.nearest(to: "lion", in: names) == nil)
    #expect(NameMatching.nearest(to: "x", in: []) == nil)
  }
}
