/// Shows the progress of a run: on a terminal as one line that is rewritten, elsewhere as a new line now and then.
///
/// The cursor is never hidden, so a run that is killed leaves the terminal as it was.
public final class ProgressBar {
  public enum Style: Sendable {
    /// Rewrites one line. The terminal's width is read each time, because it may change.
    case line(width: @Sendable () -> Int, utf8: Bool)
    /// Writes a line every `interval` seconds.
    case plain(interval: Double)
    case silent
  }

  private let style: Style
  private let write: (String) -> Void
  /// When the last line was drawn.
  private var drawn: Double?
  /// Whether the cursor is at the end of a line that will be rewritten.
  private var isLineOpen = false
  private var speed = Speedometer()

  /// Seconds between two drawings: more than ten a second would be unreadable and cost time.
  private static let redrawInterval = 0.1

  public init(style: Style, write: @escaping (String) -> Void) {
    self.style = style
    self.write = write
  }

  /// The bar on standard error: a rewritten line on a terminal, otherwise a plain line every 10 s; nothing if `quiet`.
  public static func standardError(quiet: Bool) -> ProgressBar {
    let terminal = Terminal.standardError
    let style: Style =
      if quiet {
        .silent
      } else if terminal.isInteractive {
        .line(width: { terminal.width }, utf8: Terminal.isUTF8)
      } else {
        .plain(interval: 10)
      }
    return ProgressBar(style: style, write: terminal.writeControlling)
  }

  /// Updates the speed with `progress` at the time `now` in seconds, and draws if enough time has passed.
  public func update(_ progress: Progress, at now: Double) {
    speed.note(step: progress.totalStep, at: now)
    draw(at: now, isLast: progress.step == progress.stepsPerEpoch) { bar, size in
      let progress = bar.current(progress)
      return size.map { progress.line(width: $0.width, utf8: $0.utf8) } ?? progress.plainLine()
    }
  }

  /// Draws the progress of a study at the time `now`, if enough time has passed.
  public func update(_ progress: StudyProgress, secondsLeft: Double?, at now: Double) {
    draw(at: now, isLast: progress.isComplete) { _, size in
      size.map { progress.line(width: $0.width, utf8: $0.utf8, secondsLeft: secondsLeft) }
        ?? progress.plainLine(secondsLeft: secondsLeft)
    }
  }

  /// Draws if enough time has passed, or if no update follows for now.
  /// - Parameter line: The text for a terminal of a given width, or for a plain line without a width.
  private func draw(
    at now: Double, isLast: Bool, _ line: (ProgressBar, (width: Int, utf8: Bool)?) -> String
  ) {
    if drawn == nil { drawn = now - (isLine ? Self.redrawInterval : 0) }
    switch style {
    case .silent: return
    case .line(let width, let utf8):
      guard now - drawn! >= Self.redrawInterval || isLast else { return }
      // Go to the first column, write the line, and erase the rest of a longer one: all in one write, so nothing
      // flickers.
      write("\r" + line(self, (width(), utf8)).printable() + "\u{1B}[K")
      isLineOpen = true
    case .plain(let interval):
      guard now - drawn! >= interval else { return }
      write(line(self, nil).printable() + "\n")
    }
    drawn = now
  }

  /// Leaves the time until the next update out of the speed: it is spent on evaluation or a checkpoint, not on steps.
  public func pause() { speed.pause() }

  /// Writes `line` above the bar.
  public func note(_ line: String) {
    if case .silent = style { return }
    write((isLineOpen ? "\r\u{1B}[K" : "") + line.printable(keeping: ["\n"]) + "\n")
    isLineOpen = false
  }

  /// Leaves the line as it is and moves the cursor to the next line.
  public func finish() {
    if isLineOpen { write("\n") }
    isLineOpen = false
  }

  /// Shows the steps of a training from now on.
  public func observer() -> Trainer.Observer {
    let clock = ContinuousClock()
    let start = clock.now
    var observer = Trainer.Observer()
    observer.step = { self.update($0, at: (clock.now - start) / .seconds(1)) }
    observer.pause = { self.pause() }
    observer.note = { self.note($0) }
    return observer
  }

  private var isLine: Bool { if case .line = style { true } else { false } }

  private func current(_ progress: Progress) -> Progress {
    var progress = progress
    progress.stepsPerSecond = progress.stepsPerSecond ?? speed.stepsPerSecond
    return progress
  }
}

/// Measures steps per second. The last seconds count more than earlier ones.
struct Speedometer {
  /// The time in which an old speed is forgotten, in seconds.
  private static let memory = 5.0
  private var last: (step: Int, time: Double)?
  private var steps = 0.0
  private var seconds = 0.0

  /// Nil until a step has been timed.
  var stepsPerSecond: Double? { seconds > 0 ? steps / seconds : nil }

  mutating func note(step: Int, at now: Double) {
    defer { last = (step, now) }
    // If work has several parts, steps are counted from the beginning of each.
    guard let last, now > last.time, step >= last.step else { return }
    // Numerator and denominator fade alike, so the quotient is the mean speed over about `memory` seconds.
    let elapsed = now - last.time
    let fade = max(0, 1 - elapsed / Self.memory)
    steps = steps * fade + Double(step - last.step)
    seconds = seconds * fade + elapsed
  }

  mutating func pause() { last = nil }
}
