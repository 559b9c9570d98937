import Descent
import Dispatch

/// Smooth curves through the plane, drawn by the program: needs no file.
///
/// Images of 28×28 grey values, each with one curve that three random points determine, like the set CURVES with which
/// autoencoders are tested since Hinton and Salakhutdinov, "Reducing the dimensionality of data with neural networks",
/// Science 313 (2006): six numbers describe an image. Theirs was drawn by another program; losses are not to be compared
/// with published ones. Example i is a pure function of the seed, the split and i.
public struct Curves: Hashable, Sendable {
  /// Determines every image. Default 1.
  public var seed: UInt64 = 1
  /// Examples to train on, 0 or more. Default 20,000.
  public var trainCount = 20_000
  /// Examples to test with, 0 or more. Default 10,000.
  public var testCount = 10_000

  static let side = 28

  public init() {}

  public func dataset() -> Dataset {
    Dataset(
      name: "curves", classCount: 1,
      train: draw(trainCount, stream: "curves/train"), test: draw(testCount, stream: "curves/test"))
  }

  private func draw(_ count: Int, stream name: String) -> Split {
    let stream = RandomStream(seed: seed, name: name)
    let size = Self.side * Self.side
    let bytes = [UInt8](unsafeUninitializedCapacity: count * size) { images, initialized in
      nonisolated(unsafe) let images = images
      DispatchQueue.concurrentPerform(iterations: count) { i in
        let image = UnsafeMutableBufferPointer(rebasing: images[(i * size)..<((i + 1) * size)])
        Self.draw(stream.substream(UInt64(i)), into: image)
      }
      initialized = count * size
    }
    return Split(bytes: bytes, inputShape: [Self.side, Self.side, 1], labels: [Int32](repeating: 0, count: count))
  }

  /// The quadratic Bézier curve of three points, in 24 segments.
  private static func draw(_ stream: RandomStream, into image: UnsafeMutableBufferPointer<UInt8>) {
    var stream = stream
    var canvas = [Float](repeating: 0, count: side * side)
    let margin = 3.0
    func point() -> SIMD2<Float> {
      let range = margin..<Double(side - 1) - margin
      return SIMD2(Float(stream.uniform(in: range)), Float(stream.uniform(in: range)))
    }
    let (p, q, r) = (point(), point(), point())
    let segments = 24
    var last = p
    for k in 1...segments {
      let t = Float(k) / Float(segments)
      let s = 1 - t
      let next = p * (s * s) + q * (2 * s * t) + r * (t * t)
      canvas.draw(from: last, to: next, side: side, radius: 0.9, ink: 1)
      last = next
    }
    for i in canvas.indices { image[i] = UInt8(canvas[i] * 255 + 0.5) }
  }
}
