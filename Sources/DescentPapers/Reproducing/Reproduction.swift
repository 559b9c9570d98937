import Descent
import DescentLab

/// An experiment of a paper that can be repeated, with the published claims by which its results are judged.
public struct Reproduction: Sendable {
  /// Its name on the command line.
  public let name: String
  /// What is reproduced: "Tables 1 and 2: …".
  public let title: String
  /// The paper in which it was published.
  public let paper: String
  /// The data sets that it reads; empty for experiments on functions.
  public let data: [String]
  /// How long the full form takes, roughly, on two cores.
  public let duration: String
  /// How long it takes with as many epochs as published; nil if the full form has as many.
  public internal(set) var longDuration: String?
  let run: @Sendable (ReproductionSession) throws -> ReproductionPage

  /// All reproductions, paper by paper.
  public static let all: [Reproduction] = [
    adaDeltaTables, adaDeltaCurves, adaDeltaEffectiveSteps, adamLogistic, adamPerceptron, adamAgainstSFO,
    adamConvolutional, adamAutoencoder, amsGradSynthetic, amsGradNetworks, acpropRegions, genericAdam, stepSizes,
    averaging, adafactor, batchSizes, signSGDNoise, diffGradFunctions, finiteSums, delayedAdaGradNoise, stability,
    autoencoders, kfacAutoencoder, mbfConvolutions, vsgd, naturalNewton, saddlePoints,
  ]

  /// The reproduction called `name`.
  /// - Throws: ``UnknownName``.
  public static func named(_ name: String) throws(UnknownName) -> Reproduction {
    try Names.find(name, in: all, kind: "reproduction", named: \.name)
  }

  /// A table of all reproductions.
  public static var listing: Table {
    var table = Table(header: ["name", "data", "in full", "--long", "what"])
    for one in all {
      let data = one.data.isEmpty ? "–" : one.data.joined(separator: ", ")
      table.add([one.name, data, one.duration, one.longDuration ?? "–", one.title])
    }
    return table
  }
}
