import Testing

@testable import Descent

@Suite struct NamesTests {
  @Test func findsAndSuggests() {
    let names = ["adam", "adamW", "rmsProp", "adaDelta"]
    #expect(Names.find("RMS-prop", in: names) == "rmsProp")
    #expect(Names.find("adma", in: names) == nil)
    #expect(Names.nearest(to: "adma", in: names) == "adam")
    #expect(Names.nearest(to: "rmspop", in: names) == "rmsProp")
    #expect(Names.nearest(to: "lion", in: names) == nil)
    #expect(Names.nearest(to: "x", in: []) == nil)
    // A short name is suggested where the full one exists.
    #expect(Names.nearest(to: "lrr", in: ["learningRate", "beta1"]) == "lr")
    #expect(Names.nearest(to: "lrr", in: ["beta1"]) == nil)
  }

  /// A list that is short is shown whole; of a long one, the name that is near, if there is one.
  @Test func whatIsUnknownIsSaid() {
    let few = ["logistic", "mlp"]
    #expect(
      "\(UnknownName("mpl", kind: "model", known: few))"
        == "there is no model 'mpl': did you mean 'mlp'? (there are: logistic, mlp)")
    #expect("\(UnknownName("x", kind: "model", known: few))" == "there is no model 'x': there are: logistic, mlp")
    #expect("\(UnknownName("x", kind: "slot", of: "sgd", known: []))" == "'sgd' has no slot 'x': there are none")
    let many = (0..<20).map { "name\(Character(Unicode.Scalar(97 + $0)!))" }
    #expect(
      "\(UnknownName("nameaa", kind: "model", known: many))" == "there is no model 'nameaa': did you mean 'namea'?")
    #expect("\(UnknownName("x", kind: "model", known: many))".hasSuffix("nameo, namep, nameq, namer, names, namet"))
  }

  @Test func itemsAreFoundByTheirNames() throws {
    #expect(try Names.find("S-G-D", in: ["adam", "sgd"], kind: "optimizer", named: \.self) == "sgd")
    #expect(throws: UnknownName("x", kind: "optimizer", known: ["adam", "sgd"])) {
      try Names.find("x", in: ["adam", "sgd"], kind: "optimizer", named: \.self)
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
