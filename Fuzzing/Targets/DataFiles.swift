import CZlib
import Descent
import DescentCatalogue
import DescentData
import Foundation

extension FuzzTarget {
  /// Files of data and of tensors.
  static let dataFiles = [npy, safetensors, checkpoint, idx, gzip, cifar, libsvm, imdbReview, imdbVocabulary]

  private static let npy = FuzzTarget(file: "npy") { folder in
    let arrays: [NPYArray] = [
      NPYArray(.float([1, -2.5, .infinity, 0, 3, 4]), shape: [2, 3]), NPYArray(.double([0.1]), shape: []),
      NPYArray(.bytes(Array(0..<24)), shape: [2, 3, 4]), NPYArray(.int32([1, 2]), shape: [2]),
      NPYArray(.int64([]), shape: [0, 3]),
    ]
    return try arrays.map { array in
      try array.write(to: "\(folder)/a.npy")
      return try bytes(of: "\(folder)/a.npy")
    }
  } read: { path, _ in
    _ = try NPYArray(contentsOf: path)
  }

  private static let layout: ParameterLayout = {
    do { return try ParameterLayout([("weight", [3, 2]), ("bias", [2])]) } catch { fatalError("\(error)") }
  }()

  /// Checkpoints of methods with everything that such files may hold: slots, arrays, numbers, codes.
  private static func checkpoints(_ folder: String) throws -> [[UInt8]] {
    let path = "\(folder)/checkpoint.safetensors"
    return try ["sgd", "adam", "adafactor", "prodigy"].map { name in
      let method = try Catalogue.method(named: name, settings: []).method
      var θ = ParameterVector<Float>(zeros: layout)
      var optimizer = try method.configured().optimizer(for: θ)
      var gradient = θ
      gradient.fill { 0.5 }
      for _ in 0..<3 { try optimizer.step(&θ, gradient: gradient) }
      try optimizer.checkpoint(θ).write(to: path)
      return try bytes(of: path)
    }
  }

  private static let safetensors = FuzzTarget(file: "safetensors", seeds: checkpoints) { path, _ in
    let file = try Safetensors(path: path)
    for name in file.names {
      if file.type(of: name) == "F32" {
        _ = try file.values(of: name, as: Float.self)
      } else {
        _ = try file.bytes(of: name)
      }
    }
  }

  private static let checkpoint = FuzzTarget(file: "checkpoint", seeds: checkpoints) { path, _ in
    let checkpoint = try Checkpoint<Float>(contentsOf: path)
    for name in ["sgd", "adam", "adafactor", "prodigy"] where checkpoint.rule == name {
      var θ = ParameterVector<Float>(zeros: layout)
      var optimizer = try Catalogue.method(named: name, settings: []).method.configured().optimizer(for: θ)
      try optimizer.restore(checkpoint, into: &θ)
      try optimizer.step(&θ, gradient: ParameterVector<Float>(zeros: layout))
    }
  }

  /// Two images of 3 × 2 pixels.
  private static let images: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 2] + Array(1...12)

  private static let idx = FuzzTarget(file: "idx", seeds: { _ in [images, try compressed(images)] }) { path, _ in
    try FormatReaders.readIDX(path)
  }

  private static let gzip = FuzzTarget(file: "gzip") { _ in
    let text = Array(String(repeating: "all the same ", count: 100).utf8)
    return [try compressed(images), try compressed(text), try compressed([]) + compressed(images)]
  } read: { path, _ in
    try FormatReaders.readBytes(path)
  }

  private static let cifar = FuzzTarget(
    file: "cifar",
    prepare: { folder in
      for name in (1...5).map({ "data_batch_\($0).bin" }) + ["test_batch.bin"] {
        try write([7] + Array(repeating: 100, count: 3072), to: "\(folder)/\(name)")
      }
    }, as: "data_batch_2.bin", seeds: { _ in [[3] + (0..<3072).map { UInt8(truncatingIfNeeded: $0) }] }
  ) { _, folder in
    try FormatReaders.readCIFAR10(folder)
  }

  private static let libsvm = FuzzTarget(file: "libsvm") { _ in
    let text = Array("+1 1:0.5 3:2\n-1\n# none\n-1 2:1 17:1e3\n2 5:7 6:-.25\n".utf8)
    return [text, try compressed(text)]
  } read: { path, _ in
    try FormatReaders.readLIBSVM(path)
  }

  private static let words = ["the", "film", "don't", "sci-fi", "!", ":-)", "é"]

  private static func prepareIMDB(_ folder: String) throws {
    for part in ["train/neg", "train/pos", "test/neg", "test/pos"] {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(part)", withIntermediateDirectories: true)
      try write(Array("The film is bad".utf8), to: "\(folder)/\(part)/0_1.txt")
    }
    try write(Array(words.joined(separator: "\n").utf8), to: "\(folder)/imdb.vocab")
  }

  private static let imdbReview = FuzzTarget(
    file: "imdb-review", prepare: prepareIMDB, as: "train/pos/0_1.txt",
    seeds: { _ in
      ["The film's <br /><br />great! Don't miss it :-) 10/10", "Sci-fi \u{C9}t\u{E9} \u{2013} no"]
        .map { Array($0.utf8) }
    }
  ) { _, folder in
    try FormatReaders.readIMDB(folder, wordCount: words.count)
  }

  private static let imdbVocabulary = FuzzTarget(
    file: "imdb-vocabulary", prepare: prepareIMDB, as: "imdb.vocab",
    seeds: { _ in [Array(words.joined(separator: "\n").utf8), Array(words.joined(separator: "\r\n").utf8)] }
  ) { _, folder in
    try FormatReaders.readIMDB(folder, wordCount: words.count)
  }

  /// `bytes` as a gzip file.
  private static func compressed(_ bytes: [UInt8]) throws -> [UInt8] {
    var stream = z_stream()
    guard
      deflateInit2_(
        &stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw CocoaError(.coderInvalidValue) }
    defer { deflateEnd(&stream) }
    var bytes = bytes
    return [UInt8](unsafeUninitializedCapacity: bytes.count + 100) { result, count in
      bytes.withUnsafeMutableBufferPointer { bytes in
        (stream.next_in, stream.avail_in) = (bytes.baseAddress, UInt32(bytes.count))
        (stream.next_out, stream.avail_out) = (result.baseAddress, UInt32(result.count))
        deflate(&stream, Z_FINISH)
      }
      count = Int(stream.total_out)
    }
  }
}
