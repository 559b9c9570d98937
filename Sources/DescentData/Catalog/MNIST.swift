/// The four IDX files of MNIST, or of a data set with the same files such as Fashion-MNIST.
struct IDXImages {
  let name: String
  let classNames: [String]?

  func load(_ search: FileSearch) throws(DataError) -> Dataset {
    // All files are found before the first is read.
    let files = (
      trainImages: try find("train-images", "idx3", search), trainLabels: try find("train-labels", "idx1", search),
      testImages: try find("t10k-images", "idx3", search), testLabels: try find("t10k-labels", "idx1", search)
    )
    let train = try split(images: files.trainImages, labels: files.trainLabels)
    let test = try split(images: files.testImages, labels: files.testLabels)
    guard train.inputShape == test.inputShape else {
      throw .file(
        files.testImages,
        .mismatch(
          reason: "images are \(test.inputShape), not \(train.inputShape)", other: files.trainImages))
    }
    return Dataset(
      name: name, classCount: 10, classNames: classNames, train: train, test: test)
  }

  private func find(_ stem: String, _ kind: String, _ search: FileSearch) throws(DataError) -> String {
    try search.find(
      "\(stem)-\(kind)-ubyte", "\(stem)-\(kind)-ubyte.gz", "\(stem).\(kind)-ubyte", "\(stem).\(kind)-ubyte.gz")
  }

  private func split(images imagePath: String, labels labelPath: String) throws(DataError) -> Split {
    let labels = try IDXArray(path: labelPath, dimensions: 1)
    if let i = labels.bytes.firstIndex(where: { $0 > 9 }) {
      throw .file(labelPath, .labelOutOfRange(label: Int(labels.bytes[i]), example: i, classCount: 10))
    }
    let images = try IDXArray(path: imagePath, dimensions: 3)
    guard images.shape[0] == labels.shape[0] else {
      throw .file(
        imagePath, .mismatch(reason: "\(images.shape[0]) images, \(labels.shape[0]) labels", other: labelPath))
    }
    return Split(
      bytes: images.bytes, inputShape: [images.shape[1], images.shape[2], 1], labels: labels.bytes.map(Int32.init))
  }
}
