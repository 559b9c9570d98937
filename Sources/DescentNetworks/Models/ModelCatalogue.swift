import Descent

/// The ready-made models by name.
public enum ModelCatalogue {
  /// One kind of model.
  public struct Entry: Sendable {
    /// The model's name on the command line.
    public let name: String
    /// A description in one line.
    public let summary: String
    /// The paper it comes from.
    public let paper: String
    /// Names of its options, with their meanings and defaults.
    public let options: [(name: String, meaning: String)]
    /// For an option that has an effect only with another one: the condition, by the option's name.
    var requirements: [String: OptionCondition] = [:]
    /// Whether it takes sparse rows.
    public let takesSparseInput: Bool
    let make: @Sendable (_ inputShape: [Int], _ classCount: Int, ModelOptions) throws(NetworkError) -> any Model
  }

  /// All models.
  public static let entries: [Entry] = [
    logistic, perceptron, convolutional, smallConvolutional, autoencoder, variationalAutoencoder,
  ]

  /// The kind of model called `name`.
  /// - Throws: ``UnknownName``.
  public static func entry(named name: String) throws(UnknownName) -> Entry {
    try Names.find(name, in: entries, kind: "model", named: \.name)
  }

  /// Builds the model called `name`.
  ///
  /// - Parameters:
  ///   - name: One of the entries' names.
  ///   - inputShape: Extents of one example: [features] or [height, width, channels].
  ///   - classCount: Number of classes of the labels.
  ///   - options: By name, as the model's entry lists them.
  /// - Throws: ``NetworkError/unknown(_:)``, ``NetworkError/option(owner:name:value:range:)``,
  ///   ``NetworkError/withoutEffect(model:name:needs:)``, or ``NetworkError/shape(layer:expected:found:)`` if the model cannot take such an input.
  public static func model(
    named name: String, inputShape: [Int], classCount: Int, options: [String: String] = [:]
  ) throws(NetworkError) -> any Model {
    let entry: Entry
    do throws(UnknownName) { entry = try self.entry(named: name) } catch { throw .unknown(error) }
    for option in options.keys.sorted() {
      guard let needs = entry.requirements[option], !needs.isMet({ options[$0] }) else { continue }
      throw .withoutEffect(model: name, name: option, needs: "\(needs)")
    }
    let options = try ModelOptions(options, model: name, known: entry.options.map(\.name))
    try name.require(classCount, "the number of classes", in: 1...1_000_000)
    return try entry.make(inputShape, classCount, options)
  }
}
