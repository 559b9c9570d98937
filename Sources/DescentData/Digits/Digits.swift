import Descent
import Dispatch

/// Digits as if written by hand, drawn by the program: needs no file.
///
/// Images of 28×28 grey values in 10 classes. Each is written in one of several styles, with an unsteady hand, a
/// random pen, slant, size and place, sometimes a stray line or a rubbed-out spot, and noise. Example i is a pure
/// function of the seed, the split and i: a larger set begins with the examples of a smaller one.
public struct Digits: Hashable, Sendable {
  /// Determines every image. Default 1.
  public var seed: UInt64 = 1
  /// Examples to train on, 0 or more. Default 30,000.
  public var trainCount = 30_000
  /// Examples to test with, 0 or more. Default 5,000.
  public var testCount = 5_000

  public init() {}

  public func dataset() -> Dataset {
    Dataset(
      name: "digits", classCount: 10,
      train: draw(trainCount, stream: "digits/train"), test: draw(testCount, stream: "digits/test"))
  }

  private func draw(_ count: Int, stream name: String) -> Split {
    let stream = RandomStream(seed: seed, name: name)
    let size = DigitPen.side * DigitPen.side
    var labels = [Int32](repeating: 0, count: count)
    let bytes = [UInt8](unsafeUninitializedCapacity: count * size) { images, initialized in
      labels.withUnsafeMutableBufferPointer { labels in
        nonisolated(unsafe) let (images, labels) = (images, labels)
        let block = 256
        DispatchQueue.concurrentPerform(iterations: (count + block - 1) / block) { k in
          var pen = DigitPen()
          for i in (k * block)..<min((k + 1) * block, count) {
            let image = UnsafeMutableBufferPointer(rebasing: images[(i * size)..<((i + 1) * size)])
            labels[i] = Int32(pen.draw(stream.substream(UInt64(i)), into: image))
          }
        }
      }
      initialized = count * size
    }
    return Split(bytes: bytes, inputShape: [DigitPen.side, DigitPen.side, 1], labels: labels)
  }
}
