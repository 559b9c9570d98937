import Descent
import Foundation

/// A description of a data set, known before it is loaded.
public struct DatasetInfo: Codable, Hashable, Sendable {
  public let name: String
  public let summary: String
  /// Number of examples and shape, in words.
  public let size: String
  /// Where it comes from and whom to cite.
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
  ///   - directory: the folder with the official files, or with a subfolder that holds them; by default the files
  ///     that ``Fetcher`` has put into ``CacheFolder``.
  /// - Throws: ``DataError``, which names the file or option at fault and the remedy.
  public static func load(_ name: String, from directory: URL? = nil) throws(DataError) -> Dataset {
    var options = try DatasetOptions(name)
    return try CatalogEntry.named(options.name, in: CatalogEntry.all).load(&options, directory)
  }
}

/// A data set with the function that loads it.
struct CatalogEntry: Sendable {
  let info: DatasetInfo
  let files: [RemoteFile]
  let load: @Sendable (_ options: inout DatasetOptions, _ directory: URL?) throws(DataError) -> Dataset

  init(
    info: DatasetInfo, files: [RemoteFile] = [],
    load: @escaping @Sendable (inout DatasetOptions, URL?) throws(DataError) -> Dataset
  ) {
    self.info = info
    self.files = files
    self.load = load
  }

  /// The one of `entries` that is called `name`.
  static func named(_ name: String, in entries: [CatalogEntry]) throws(DataError) -> CatalogEntry {
    do throws(UnknownName) { return try Names.find(name, in: entries, kind: "data set", named: \.info.name) } catch {
      throw .unknown(error)
    }
  }

  static let all: [CatalogEntry] = [digits, curves, mnist, fashion, cifar10, imdb, a9a, w8a, libsvm]

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
    try options.readDrawn(seed: &digits.seed, train: &digits.trainCount, test: &digits.testCount, side: DigitPen.side)
    return digits.dataset()
  }

  private static let curves = CatalogEntry(
    info: DatasetInfo(
      name: "curves", summary: "smooth curves, drawn by the program, for autoencoders; needs no file",
      size: "20,000 + 10,000 grey images of 28×28, or as many as wanted; one class",
      source: "this program, after Hinton, Salakhutdinov: Reducing the dimensionality of data, Science 313 (2006)",
      license: "Apache-2.0",
      options: [
        "seed=1: determines every image", "train=20000: examples to train on", "test=10000: examples to test with",
      ],
      isFetchable: false)
  ) { options, _ throws(DataError) in
    var curves = Curves()
    try options.readDrawn(seed: &curves.seed, train: &curves.trainCount, test: &curves.testCount, side: Curves.side)
    return curves.dataset()
  }

  private static let mnist = CatalogEntry(
    info: DatasetInfo(
      name: "mnist", summary: "handwritten digits",
      size: "60,000 + 10,000 grey images of 28×28; 10 classes; 12 MB to fetch",
      source: "LeCun, Cortes, Burges: The MNIST database. LeCun et al., Gradient-based learning applied to document "
        + "recognition, Proc. IEEE 86 (1998)",
      license: "CC BY-SA 3.0 as distributed", options: [], isFetchable: true),
    files: idxFiles(
      at: ["https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"],
      md5: [
        "f68b3c2dcbeaaa9fbdd348bbdeb94873", "d53e105ee54ea40749a09fcbcd1e9432", "9fb629c4189551a2d022fa330f9573f3",
        "ec29112dd5afa0611ce80d1b7f02629c",
      ])
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
      license: "MIT", options: [], isFetchable: true),
    files: idxFiles(
      at: [
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
      ],
      md5: [
        "8d4fb7e6c68d591d4c3dfef9ec88bf0d", "25c81989df183df01b3e8a0aad5dffbe", "bef4ecab320f06d8554ea6380940ec79",
        "bb300cfdad3c16e7a12a480ee83cd310",
      ])
  ) { options, directory throws(DataError) in
    try options.finish()
    let search = FileSearch(
      "fashion", in: directory, subfolders: ["fashion-mnist", "FashionMNIST/raw"], fetchName: "fashion")
    let names = [
      "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ]
    return try IDXImages(name: "fashion", classNames: names).load(search)
  }

  private static let cifar10 = CatalogEntry(
    info: DatasetInfo(
      name: "cifar10", summary: "photographs of animals and vehicles (the binary version)",
      size: "50,000 + 10,000 colour images of 32×32; 10 classes; 170 MB to fetch",
      source: "Krizhevsky: Learning multiple layers of features from tiny images (2009)",
      license: "none stated; cite the report", options: [], isFetchable: true),
    files: [
      RemoteFile(
        "cifar-10-binary.tar.gz", at: ["https://www.cs.toronto.edu/~kriz/"], .md5("c32a1d4ab5d03f1284b67883e8d87530"),
        unpacked: "cifar-10-batches-bin")
    ]
  ) { options, directory throws(DataError) in
    try options.finish()
    let search = FileSearch(
      "cifar10", in: directory, subfolders: ["cifar-10-batches-bin", "cifar10/cifar-10-batches-bin"],
      fetchName: "cifar10")
    return try CIFAR10().load(search)
  }

  private static let imdb = CatalogEntry(
    info: DatasetInfo(
      name: "imdb", summary: "film reviews, negative or positive, as bags of words",
      size: "25,000 + 25,000 sparse rows of 10,000 words; 2 classes; 84 MB to fetch",
      source: "Maas, Daly, Pham, Huang, Ng, Potts: Learning word vectors for sentiment analysis, ACL (2011)",
      license: "none stated; cite the paper",
      options: [
        "words=10000: how many words of the vocabulary count, from the most frequent",
        "values=counts: counts, or binary for 1 where a word occurs",
      ],
      isFetchable: true),
    files: [
      RemoteFile(
        "aclImdb_v1.tar.gz", at: ["https://ai.stanford.edu/~amaas/data/sentiment/"],
        .md5("7c2ac02c03563afcf9b574c7e56c153a"), unpacked: "aclImdb")
    ]
  ) { options, directory throws(DataError) in
    var imdb = IMDB()
    imdb.wordCount = try options.integer("words", default: imdb.wordCount, in: 1...89_527)
    imdb.values = IMDB.Values(
      rawValue: try options.choice("values", default: "counts", of: IMDB.Values.allCases.map(\.rawValue)))!
    try options.finish()
    let search = FileSearch("imdb", in: directory, subfolders: ["aclImdb", "imdb/aclImdb"], fetchName: "imdb")
    return try imdb.load(search)
  }

  private static let a9a = adultOrWeb(
    "a9a", summary: "income over 50,000 dollars or not (Adult), in 123 binary features", rows: (32_561, 16_281),
    source: "Becker, Kohavi: Adult, UCI (1996); prepared by Platt (1998) and by LIBSVM's authors")

  private static let w8a = adultOrWeb(
    "w8a", summary: "topic of a web page or not, in 300 binary features", rows: (49_749, 14_951),
    source: "Platt: Fast training of support vector machines using sequential minimal optimization (1998)")

  private static func adultOrWeb(_ name: String, summary: String, rows: (train: Int, test: Int), source: String)
    -> CatalogEntry
  {
    CatalogEntry(
      info: DatasetInfo(
        name: name, summary: summary, size: "\(rows.train) + \(rows.test) sparse rows; 2 classes; 3 MB to fetch",
        source: "\(source). Chang, Lin: LIBSVM, ACM TIST 2 (2011)", license: "none stated; cite the sources",
        options: [], isFetchable: true),
      files: [(name, rows.train), (name + ".t", rows.test)].map { file, count in
        RemoteFile(
          file, at: ["https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/binary/"], .libsvmRows(count))
      }
    ) { options, directory throws(DataError) in
      try options.finish()
      let search = FileSearch(name, in: directory, subfolders: ["libsvm"], fetchName: name)
      return try LIBSVMFiles(
        name: name, train: try search.find(name, name + ".gz"), test: search.findIfThere("\(name).t", "\(name).t.gz")
      ).load()
    }
  }

  private static let libsvm = CatalogEntry(
    info: DatasetInfo(
      name: "libsvm", summary: "files of one's own in LIBSVM's text format, gzip or not",
      size: "as the files say", source: "one's own", license: "one's own",
      options: [
        "train=FILE: file to train on, in the data folder or with its own path; in double quotes where it holds a comma",
        "test=FILE: file to test with; without it there is no test split",
        "zerobased=false: true for files whose indices count from 0, not from 1",
      ],
      isFetchable: false)
  ) { options, directory throws(DataError) in
    let train = options.string("train")
    let test = options.string("test")
    let firstIndex = try options.flag("zerobased", default: false) ? 0 : 1
    try options.finish()
    guard let train else {
      throw .invalidOption("train", value: "", dataset: "libsvm", allowed: "a file: write libsvm:train=FILE")
    }
    func path(_ file: String) -> String {
      file.hasPrefix("/") ? file : (directory.map { $0.path(percentEncoded: false) + "/" } ?? "") + file
    }
    for file in [train, test].compactMap({ $0 }) where access(path(file), F_OK) != 0 {
      throw .missingFile(
        names: [file], places: [directory?.path(percentEncoded: false) ?? "the working folder"], fetch: nil)
    }
    return try LIBSVMFiles(name: "libsvm", train: path(train), test: test.map(path), firstIndex: firstIndex).load()
  }

  /// Four gzip files in MNIST's format, with their checksums: training images and labels, test images and labels.
  private static func idxFiles(at bases: [String], md5: [String]) -> [RemoteFile] {
    ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"].enumerated().map { i, name in
      RemoteFile("\(name)-ubyte.gz", at: bases, .md5(md5[i]))
    }
  }
}
