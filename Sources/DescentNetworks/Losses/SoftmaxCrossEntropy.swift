import Descent
import RealModule

extension Tape {
  /// Softmax cross-entropy with whole-number labels, averaged over the batch.
  ///
  /// With p = softmax(x): loss = −1/n Σᵢ ln p[i, labelᵢ]; ∂loss/∂x = (p − onehot(label))/n.
  ///
  /// - Parameters:
  ///   - logits: x, [batch, classes].
  ///   - labels: One for each example, in 0..<classes.
  /// - Returns: The loss, with the number of examples whose label has the largest logit.
  /// - Throws: ``NetworkError`` if the labels do not match the logits.
  public func softmaxCrossEntropy(_ logits: Tensor, labels: [Int32]) throws(NetworkError) -> Loss {
    guard logits.shape.count == 2 else {
      throw .shape(layer: "softmax cross-entropy", expected: "[batch, classes]", found: logits.shape)
    }
    let (batch, classes) = (logits.shape[0], logits.shape[1])
    guard labels.count == batch else { throw .labelCount(expected: batch, found: labels.count) }
    if let i = labels.firstIndex(where: { !(0..<classes).contains(Int($0)) }) {
      throw .label(labels[i], example: i, classCount: classes)
    }
    let x = try logits.elements(for: "softmax cross-entropy")
    // If a gradient is needed, it overwrites the exponentials.
    let p = engine.pool.buffer(count: batch * classes)
    let curvature = pass.isOfCurvature ? SoftmaxCurvature(logits, on: self) : nil
    var sum = 0.0
    var correct = 0
    for i in 0..<batch {
      let row = x + i * classes
      let e = p.elements + i * classes
      let label = Int(labels[i])
      let largest = Self.maximum(row, count: classes)
      let total = Self.exponentials(row, minus: largest, into: e, count: classes)
      sum += Double.log(total) - Double(row[label] - largest)
      if Self.firstIndex(of: largest, in: row, count: classes) == label { correct += 1 }
      curvature?.keep(e, sum: total, example: i)
      if isRecording {
        let factor = Float(1 / (total * Double(batch)))
        for j in 0..<classes { e[j] *= factor }
        e[label] -= 1 / Float(batch)
      }
    }
    return Loss(
      value: sum / Double(batch), correct: correct, curvature: { curvature?.start($0) },
      drawn: { [engine] scale, stream in
        // A label k is drawn with probability pₖ; the gradient is then p − onehot(k).
        let p = engine.pool.buffer(count: batch * classes)
        for i in 0..<batch {
          let e = p.elements + i * classes
          let row = x + i * classes
          let total = Self.exponentials(
            row, minus: Self.maximum(row, count: classes), into: e, count: classes)
          var rest = stream.uniform() * total
          var label = 0
          while label < classes - 1, rest >= Double(e[label]) {
            rest -= Double(e[label])
            label += 1
          }
          let factor = Float(Double(scale) / (total * Double(batch)))
          for j in 0..<classes { e[j] *= factor }
          e[label] -= scale / Float(batch)
        }
        logits.receive(gradient: p)
      },
      seed: { scale in
        if scale != 1 { Lanes.update(p.elements, 0..<batch * classes) { _, x in scale * x } }
        logits.receive(gradient: p)
      })
  }

  private static func maximum(_ x: UnsafePointer<Float>, count: Int) -> Float {
    var largest = x[0]
    // A NaN among the logits must make the loss NaN.
    for j in 1..<max(1, count) where x[j] > largest || x[j].isNaN { largest = x[j] }
    return largest
  }

  private static func firstIndex(of value: Float, in x: UnsafePointer<Float>, count: Int) -> Int? {
    for j in 0..<count where x[j] == value { return j }
    return nil
  }

  /// e[j] ← exp(x[j] − shift); returns their sum.
  private static func exponentials(
    _ x: UnsafePointer<Float>, minus shift: Float, into e: UnsafeMutablePointer<Float>, count: Int
  ) -> Double {
    var total = 0.0
    let whole = count / Lanes.width * Lanes.width
    for j in stride(from: 0, to: whole, by: Lanes.width) {
      let values = VectorMath.exp(Lanes.load(x, j) - shift)
      Lanes.store(values, e, j)
      total += Lanes.sum(values)
    }
    if whole < count {
      let values = VectorMath.exp(Lanes.load(x, whole, count: count - whole, padding: shift) - shift)
      Lanes.store(values, e, whole, count: count - whole)
      for j in whole..<count { total += Double(e[j]) }
    }
    return total
  }
}
