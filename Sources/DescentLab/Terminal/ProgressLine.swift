/// How far a run is, and the line that shows it.
public struct Progress: Hashable, Sendable {
  /// From 1.
  public var epoch: Int
  public var epochs: Int
  /// The number of steps of this epoch that are done.
  public var step: Int
  public var stepsPerEpoch: Int
  /// The mean over the steps of this epoch; nil for work without a loss.
  public var loss: Double?
  /// The accuracy of the same steps, in 0...1; nil for a model that is no classifier.
  public var accuracy: Double?
  public var stepsPerSecond: Double?
  /// The series of runs to which this run belongs; nil if it is alone.
  public var series: Series?

  /// A run's place in a series of runs that are done one after the other.
  public struct Series: Hashable, Sendable {
    /// The run's name.
    public var label: String
    /// From 1.
    public var number: Int
    public var count: Int
    /// The number of steps of the runs before this one.
    public var stepsBefore: Int
    /// The number of steps of the runs after this one.
    public var stepsAfter: Int

    public init(label: String, number: Int, count: Int, stepsBefore: Int, stepsAfter: Int) {
      self.label = label
      self.number = number
      self.count = count
      self.stepsBefore = stepsBefore
      self.stepsAfter = stepsAfter
    }
  }

  public init(
    epoch: Int, epochs: Int, step: Int, stepsPerEpoch: Int, loss: Double?, accuracy: Double? = nil,
    stepsPerSecond: Double? = nil
  ) {
    self.epoch = epoch
    self.epochs = epochs
    self.step = step
    self.stepsPerEpoch = stepsPerEpoch
    self.loss = loss
    self.accuracy = accuracy
    self.stepsPerSecond = stepsPerSecond
  }

  /// The number of steps since the run, or the series, began.
  var totalStep: Int { (series?.stepsBefore ?? 0) + (epoch - 1) * stepsPerEpoch + step }
  private var stepsLeft: Int { (epochs - epoch + 1) * stepsPerEpoch - step + (series?.stepsAfter ?? 0) }
  private var head: [String] {
    (series.map { ["\($0.number)/\($0.count) \($0.label)"] } ?? []) + ["epoch \(epoch)/\(epochs)"]
  }

  /// The seconds until the last step, at the present speed.
  var secondsLeft: Double? {
    guard let stepsPerSecond, stepsPerSecond > 0 else { return nil }
    return Double(stepsLeft) / stepsPerSecond
  }

  /// The line without a bar.
  func plainLine() -> String {
    (head + ["step \(step)/\(stepsPerEpoch)"] + numbers).joined(separator: "  ")
  }

  /// The line for a terminal of `width` columns. Parts that do not fit are left out, the bar first.
  func line(width: Int, utf8: Bool) -> String {
    let done = Double(step) / Double(max(1, stepsPerEpoch))
    return Self.line(head.joined(separator: "  "), done: done, numbers, width: width, utf8: utf8)
  }

  /// A line of `width` columns with `head`, a bar whose share `done` is filled, and `numbers`.
  static func line(_ head: String, done: Double, _ numbers: [String], width: Int, utf8: Bool) -> String {
    var tail = numbers
    // The last column stays free, because some terminals wrap the line when it is written.
    let room = width - 1
    while !tail.isEmpty, head.count + tail.reduce(0, { $0 + $1.count + 2 }) > room { tail.removeLast() }
    let cells = room - head.count - tail.reduce(0) { $0 + $1.count + 2 } - 4
    let bar = cells >= 8 ? [bar(done, cells: min(cells, 40), utf8: utf8)] : []
    return String(([head] + bar + tail).joined(separator: "  ").prefix(max(0, room)))
  }

  private var numbers: [String] {
    var numbers = loss.map { ["loss \(fixed($0, digits: 4))"] } ?? []
    if let accuracy { numbers.append("accuracy \(fixed(100 * accuracy, digits: 2)) %") }
    if let stepsPerSecond { numbers.append("\(fixed(stepsPerSecond, digits: stepsPerSecond < 10 ? 2 : 0)) steps/s") }
    if let secondsLeft { numbers.append("\(Self.clock(secondsLeft)) left") }
    return numbers
  }

  /// A bar of `cells` columns between two borders. The share `fraction` of it is filled, to an eighth of a column.
  public static func bar(_ fraction: Double, cells: Int, utf8: Bool) -> String {
    let eighths = Int((min(max(fraction, 0), 1) * Double(cells * 8)).rounded(.down))
    let full = eighths / 8
    guard utf8 else {
      return "[" + String(repeating: "#", count: full) + String(repeating: ".", count: cells - full) + "]"
    }
    let part = eighths % 8 == 0 ? "" : String(["▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8 - 1])
    let filled = String(repeating: "█", count: full) + part
    return "▕" + filled + String(repeating: " ", count: cells - filled.count) + "▏"
  }

  /// The time as text: `75` is "1:15"; hours and days come before that if there are any.
  static func clock(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "∞" }
    let total = Int(seconds.rounded(.up))
    let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    if hours >= 24 { return "\(hours / 24) d \(hours % 24) h" }
    return hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
  }
}
