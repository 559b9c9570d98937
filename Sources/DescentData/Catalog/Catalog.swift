import Foundation

/// What there is to say about a data set before it is loaded.
public struct DatasetInfo: Codable, Hashable, Sendable {
  public let name: String
  public let summary: String
  /// Number of examples and shape, in words.
  public let size: String
  /// Where it comes from and who is to be cited.
  public let source: String
  public let license: String
  /// Options in the form `option=value: what it does`.
  public let options: [String]
  /// Whether ``Fetcher`` can download it.
  public let isFetchable: Bool
}

extension Dataset {
  /// The data sets known by name.
  public static var available: [DatasetInfo] { CatalogEntry.all.map(\.info) }

  /// Loads the data set called `name`, with options after a colon: `mnist`, `digits:train=60000,seed=2`.
  ///
  /// - Parameters:
  ///   - name: one of ``available``, with options after a colon.
  ///   - directory: the folder with the official files, or with a subfolder of them; by default what
  ///     ``Fetcher`` has put into ``CacheFolder``.
  /// - Throws: ``DataError``, which names the file or option at fault and the remedy.
  public static func load(_ name: String, from directory: URL? = nil) throws(DataError) -> Dataset {
    var options = try DatasetOptions(name)
    guard let entry = CatalogEntry.all.first(where: { $0.info.name == options.name }) else {
      throw .unknownDataset(options.name, known: available.map(\.name))
    }
    return try entry.load(&options, directory)
  }
}

/// A data set with the function that loads it.
struct CatalogEntry: Sendable {
  let info: DatasetInfo
  let load: @Sendable (_ options: inout DatasetOptions, _ directory: URL?) throws(DataError) -> Dataset

  static let all: [CatalogEntry] = [digits, mnist, fashion]

  private static let digits = CatalogEntry(
    info: DatasetInfo(
      name: "digits", summary: "digits as if written by hand, drawn by the program; needs no file",
      size: "30,000 + 5,000 grey images of 28×28, or as many as wanted; 10 classes",
      source: "this program", license: "Apache-2.0",
      options: [
        "seed=1: determines every image", "train=30000: examples to train on", "test=5000: examples to test with",
      ],
      isFetchable: false)
  ) { options, _ throws(DataError) in
    var digits = Digits()
    digits.seed = try options.integer("seed", default: digits.seed, in: 0...UInt64.max)
    digits.trainCount = try options.integer("train", default: digits.trainCount, in: 1...10_000_000)
    digits.testCount = try options.integer("test", default: digits.testCount, in: 1...10_000_000)
    try options.finish()
    return digits.dataset()
  }

  private static let mnist = CatalogEntry(
    info: DatasetInfo(
      name: "mnist", summary: "handwritten digits",
      size: "60,000 + 10,000 grey images of 28×28; 10 classes; 12 MB to fetch",
      source: "LeCun, Cortes, Burges: The MNIST database. LeCun et al., Gradient-based learning applied to document "
        + "recognition, Proc. IEEE 86 (1998)",
      license: "CC BY-SA 3.0 as distributed", options: [], isFetchable: true)
  ) { options, directory throws(DataError) in
    try options.finish()
    let search = FileSearch("mnist", in: directory, subfolders: ["MNIST/raw"], fetchName: "mnist")
    return try IDXImages(name: "mnist", classNames: nil).load(search)
  }

  private static let fashion = CatalogEntry(
    info: DatasetInfo(
      name: "fashion", summary: "Fashion-MNIST: pictures of clothes, in MNIST's format",
      size: "60,000 + 10,000 grey images of 28×28; 10 classes; 31 MB to fetch",
      source: "Zalando. Xiao, Rasul, Vollgraf: Fashion-MNIST, arXiv:1708.07747 (2017)",
      license: "MIT", options: [], isFetchable: true)
  ) { options, directory throws(DataError) in
    try options.finish()
    let search = FileSearch(
      "fashion", in: directory, subfolders: ["fashion-mnist", "FashionMNIST/raw"], fetchName: "fashion")
    let names = [
      "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ]
    return try IDXImages(name: "fashion", classNames: names).load(search)
  }
}
