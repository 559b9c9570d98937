import Testing

@testable import Descent

@Suite struct OptionTextTests {
  private func parts(_ text: String) throws -> [String] {
    let parsed = try OptionText(text)
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
    #expect(throws: OptionText.Malformed.unbalancedQuotes) { try OptionText("a:x=\"\(mark)1,y=2") }
  }

  @Test(arguments: [
    ("", OptionText.Malformed.noName), (":x=1", .noName), ("a:x", .incompleteOption("x")),
    ("a:x=", .incompleteOption("x=")),
    ("a:=1", .incompleteOption("=1")), ("a:x=1,", .incompleteOption("")), ("a:x=(1", .unbalancedParentheses),
    ("a:x=1)", .unbalancedParentheses), ("a:x=\"1", .unbalancedQuotes), ("a:x=\"1\"2", .unbalancedQuotes),
    ("a:x=\"1\"\"", .unbalancedQuotes),
  ]) func whatIsMalformedIsRefused(text: String, expected: OptionText.Malformed) {
    #expect(throws: expected) { try OptionText(text) }
  }

  @Test(arguments: [
    "1", "cosine(0.1, over=3)", "a,b", "(", ")", "\"", "\"a\"", " a", "a ", "a\"b", "x=y", "a\"\",b", "é,\u{301}",
    "a\n,b", "",
  ]) func whatIsQuotedIsReadAgain(value: String) throws {
    #expect(
      try parts("n:k=\(OptionText.quoted(value)),l=\(OptionText.quoted(value))") == ["n", "k", value, "l", value])
  }

  @Test func plainValuesStayAsTheyAre() {
    for value in ["1", "cosine(0.1, over=3)", "/a/b c.txt", "a\"b", "x=y"] {
      #expect(OptionText.quoted(value) == value)
    }
  }
}

@Suite struct NearestNameTests {
  @Test func abbreviationsAndSlipsAreFound() {
    let known = ["learningRate", "beta1", "beta2", "epsilon", "lr", "eps"]
    for (name, expected) in [
      ("b1", "beta1"), ("b2", "beta2"), ("bta2", "beta2"), ("Beta-1", "beta1"), ("rl", "lr"),
      ("learning", "learningRate"),
      ("ep", "eps"), ("epsilom", "epsilon"), ("q", nil), ("momentum", nil), ("xy", nil), ("ls", "lr"),
    ] {
      #expect(nearestName(to: name, among: known) == expected, "\(name)")
    }
    #expect(nearestName(to: "sdg", among: ["adam", "sgd"]) == "sgd")
    #expect(nearestName(to: "mom", among: ["muon", "momentum"]) == "momentum")
    #expect(nearestName(to: "adma", among: ["adamax", "adam"]) == "adam")
  }
}
