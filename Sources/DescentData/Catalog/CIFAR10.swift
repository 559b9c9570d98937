/// CIFAR-10 in its official binary version: records of a label and 3 × 32 × 32 bytes, 10,000 in each of six files.
struct CIFAR10 {
  /// Records in each file; tests take fewer.
  var recordsPerFile = 10_000

  static let trainFiles = (1...5).map { "data_batch_\($0).bin" }
  static let testFile = "test_batch.bin"
  static let classNames = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ]

  private static let pixels = 32 * 32
  private static let channels = 3
  private static let recordSize = 1 + channels * pixels

  func load(_ search: FileSearch) throws(DataError) -> Dataset {
    let folder = try search.findFolder(containing: Self.trainFiles + [Self.testFile])
    let train = try split(Self.trainFiles.map { folder + "/" + $0 })
    let test = try split([folder + "/" + Self.testFile])
    return Dataset(
      name: "cifar10", classCount: 10, classNames: Self.classNames, train: train,
      test: test)
  }

  private func split(_ paths: [String]) throws(DataError) -> Split {
    var labels: [Int32] = []
    var images = [UInt8](repeating: 0, count: paths.count * recordsPerFile * Self.channels * Self.pixels)
    for (k, path) in paths.enumerated() {
      let size = recordsPerFile * Self.recordSize
      let source = try ByteSource(path: path)
      let records = try source.read(exactly: size, at: 0)
      try source.expectEnd(after: size)
      for i in 0..<recordsPerFile {
        let label = records[i * Self.recordSize]
        guard label < 10 else {
          throw .file(path, .labelOutOfRange(label: Int(label), example: i, classCount: 10))
        }
        labels.append(Int32(label))
      }
      interleave(records, into: &images, at: k * recordsPerFile)
    }
    return Split(bytes: images, inputShape: [32, 32, Self.channels], labels: labels)
  }

  /// The file holds one plane for each channel; our images hold the channels of a pixel side by side.
  private func interleave(_ records: [UInt8], into images: inout [UInt8], at first: Int) {
    let pixels = Self.pixels
    records.withUnsafeBufferPointer { records in
      images.withUnsafeMutableBufferPointer { images in
        for i in 0..<recordsPerFile {
          let red = records.baseAddress! + i * Self.recordSize + 1
          let image = images.baseAddress! + (first + i) * Self.channels * pixels
          for p in 0..<pixels {
            image[3 * p] = red[p]
            image[3 * p + 1] = red[p + pixels]
            image[3 * p + 2] = red[p + 2 * pixels]
          }
        }
      }
    }
  }
}
