import Testing

@testable import Descent

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
    ("a:x=\"1", .unbalancedQuotes("a:x=\"1")), ("a:x=\"1\"2", .unbalancedQuotes("a:x=\"1\"2")),
    ("a:x=\"1\"\"", .unbalancedQuotes("a:x=\"1\"\"")),
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
    let error = #expect(throws: UnknownName.self) {
      try OptionSpec(parsing: "adam:bta2=0.9").resolved(against: known)
    }
    #expect(
      error?.description
        == "'adam' has no option 'bta2': did you mean 'beta2'? (there are: learningRate, beta1, beta2, epsilon)")
  }

  private func parts(_ text: String) throws -> [String] {
    let parsed = try OptionSpec(parsing: text)
    return [parsed.name] + parsed.options.flatMap { [$0.key, $0.value] }
  }

  @Test func commasWithinParenthesesAndQuotesBelongToTheValue() throws {
    #expect(try parts("adam") == ["adam"] && parts(" adam : ") == ["adam"])
    #expect(try parts("a:x=f(1,g(2,3)),y = 4 ") == ["a", "x", "f(1,g(2,3))", "y", "4"])
    #expect(try parts(#"libsvm:train="a,b (1.txt",test=c"#) == ["libsvm", "train", "a,b (1.txt", "test", "c"])
    #expect(try parts(#"a:x= "1 ""2"", 3" ,y=" "# + "\"") == ["a", "x", #"1 "2", 3"#, "y", " "])
    #expect(try parts(#"a:x="""",y=b"c"#) == ["a", "x", "\"", "y", #"b"c"#])
    #expect(try parts("a:x=y=z") == ["a", "x", "y=z"])
    #expect(try parts(#"p:data="libsvm:train=""a,b""""#) == ["p", "data", #"libsvm:train="a,b""#])
  }

  /// A mark that combines with a comma, an equals sign or a quote does not hide it.
  @Test func scalarsAreCompared() throws {
    let mark = "\u{301}"
    #expect(try parts("a:x=1,\(mark)y=2") == ["a", "x", "1", "\(mark)y", "2"])
    #expect(try parts("a:x=\(mark)1") == ["a", "x", "\(mark)1"])
    let unbalanced = "a:x=\"\(mark)1,y=2"
    #expect(throws: OptionSpecError.unbalancedQuotes(unbalanced)) { try OptionSpec(parsing: unbalanced) }
  }

  @Test(arguments: [
    "1", "cosine(0.1, over=3)", "a,b", "(", ")", "\"", "\"a\"", " a", "a ", "a\"b", "x=y", "a\"\",b", "é,\u{301}",
    "a\n,b", "",
  ]) func whatIsQuotedIsReadAgain(value: String) throws {
    #expect(
      try parts("n:k=\(OptionSpec.quoted(value)),l=\(OptionSpec.quoted(value))") == ["n", "k", value, "l", value])
  }

  @Test func plainValuesStayAsTheyAre() {
    for value in ["1", "cosine(0.1, over=3)", "/a/b c.txt", "a\"b", "x=y"] {
      #expect(OptionSpec.quoted(value) == value)
    }
  }
}
