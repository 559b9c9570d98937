import Foundation

/// A data set of one or two LIBSVM files.
struct LIBSVMFiles {
  let name: String
  let train: String
  /// File of the test split; nil for an empty split.
  let test: String?
  /// The number that the files give the first column.
  var firstIndex = 1

  func load() throws(DataError) -> Dataset {
    let train = try LIBSVMRows(path: train, firstIndex: firstIndex)
    var test: LIBSVMRows?
    if let path = self.test { test = try LIBSVMRows(path: path, firstIndex: firstIndex) }
    let classes = Set(train.labels).sorted()
    // A test file's highest index may be lower or higher than the training file's.
    let width = max(train.width, test?.width ?? 0, 1)
    let trainSplit = try train.split(width: width, classes: classes)
    let testSplit = try test?.split(width: width, classes: classes) ?? trainSplit.prefix(0)
    return Dataset(
      name: name, classCount: classes.count, classNames: classes.map { "\($0)" },
      train: trainSplit, test: testSplit)
  }
}
