/// Examples to train on and examples to test with, of one kind and with the same classes.
public struct Dataset: Sendable {
  public let name: String
  public let classCount: Int
  /// A name for each class; nil if the classes have no names.
  public let classNames: [String]?
  public let train: Split
  /// Empty if the data set has no test examples.
  public let test: Split

  /// Shape of one example: `[28, 28, 1]` (height, width, channels) for an image, `[10000]` for a bag of words.
  public var inputShape: [Int] { train.inputShape }

  /// Whether batches hold sparse rows.
  public var isSparse: Bool { train.isSparse }

  /// Makes a data set from your own examples.
  ///
  /// Both splits must hold inputs of one shape and kind, and labels in 0..<`classCount`. There must be as many names as
  /// classes.
  public init(name: String, classCount: Int, classNames: [String]? = nil, train: Split, test: Split) {
    precondition(
      train.inputShape == test.inputShape && train.isSparse == test.isSparse,
      "both splits must hold inputs of one shape")
    precondition(classNames == nil || classNames!.count == classCount, "each class must have a name")
    let classes = 0..<Int32(classCount)
    precondition(
      train.labels.allSatisfy(classes.contains) && test.labels.allSatisfy(classes.contains),
      "labels must be in 0..<\(classCount)")
    self.name = name
    self.classCount = classCount
    self.classNames = classNames
    self.train = train
    self.test = test
  }
}
