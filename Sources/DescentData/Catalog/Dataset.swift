/// Examples to train on and examples to test with, of one kind and with the same classes.
public struct Dataset: Sendable {
  public let name: String
  public let classCount: Int
  /// A name for each class, where the classes have names.
  public let classNames: [String]?
  public let train: Split
  /// Empty where a data set has no examples set aside.
  public let test: Split

  /// Shape of one example: `[28, 28, 1]` (height, width, channels) for an image, `[10000]` for a bag of words.
  public var inputShape: [Int] { train.inputShape }

  /// Whether batches hold sparse rows.
  public var isSparse: Bool { train.isSparse }

  /// A data set of one's own.
  ///
  /// Both splits must hold inputs of one shape and kind, their labels be in 0..<`classCount`, and there be as many names
  /// as classes.
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
