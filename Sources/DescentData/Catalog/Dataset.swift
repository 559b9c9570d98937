/// Examples to train on and examples to test with, of one kind and with the same classes.
public struct Dataset: Sendable {
  public let name: String
  /// Shape of one example: `[28, 28, 1]` (height, width, channels) for an image, `[10000]` for a bag of words.
  public let inputShape: [Int]
  public let classCount: Int
  /// A name for each class, where the classes have names.
  public let classNames: [String]?
  public let train: Split
  public let test: Split

  /// Whether batches hold ``Inputs/sparse(_:)`` rows.
  public var isSparse: Bool { train.isSparse }

  init(name: String, inputShape: [Int], classCount: Int, classNames: [String]? = nil, train: Split, test: Split) {
    self.name = name
    self.inputShape = inputShape
    self.classCount = classCount
    self.classNames = classNames
    self.train = train
    self.test = test
  }
}
