/// A pooling is linear (the mean), or linear between its kinks (the maximum): y′ is the mean of x′ over the window, or
/// its value at the first of the window's largest elements.
struct PoolingCurvature: OperationCurvature {
  let x: Tensor
  let xs: UnsafePointer<Float>
  let kind: PoolingKind
  let window: Window
  let ys: UnsafePointer<Float>
  /// Where the maxima were, as oneDNN notes it.
  let places: Buffer?

  func tangent(on tape: Tape) throws(NetworkError) -> Buffer {
    let (u, y) = (tape.tangent(of: x), tape.engine.pool.buffer(count: window.batch * window.output.reduce(1, *)))
    if kind == .maximum {
      valuesAtMaxima(of: u.elements, into: y.elements, on: tape.engine)
    } else {
      let mean = try tape.engine.primitive(kind.forward(notesPlaces: false), window)
      try mean(u.elements, y.elements, pool: tape.engine.pool)
    }
    return y
  }

  func passBack(_ dy: Buffer, tangent: Buffer, on tape: Tape) throws(NetworkError) {
    x.receive(gradient: try inputGradient(dy, on: tape))
    x.receive(second: try inputGradient(tangent, on: tape))
  }

  /// The first of the largest elements gets h; each element of a mean over n gets h/n².
  func passBack(diagonal h: Buffer, gradient dy: Buffer?, on tape: Tape) throws(NetworkError) {
    divideByCounts(h.elements, on: tape.engine)
    x.receive(second: try inputGradient(h, on: tape))
    if let dy { x.receive(gradient: try inputGradient(dy, on: tape)) }
  }

  /// Divides by the number of elements of each mean, once; passing it back does so again.
  private func divideByCounts(_ h: UnsafeMutablePointer<Float>, on engine: Engine) {
    guard case .average(let countsPadding) = kind else { return }
    let (width, channels) = (window.output[1], window.output[2])
    let rowCount = window.batch * window.output[0]
    engine.inParallel(rows: rowCount, columns: width * channels) { part in
      for row in part {
        let height = window.rows(at: row % window.output[0]).count
        for column in 0..<width {
          let inside = height * window.columns(at: column).count
          let share = 1 / Float(countsPadding ? window.sliding.height * window.sliding.width : inside)
          let start = (row * width + column) * channels
          for i in start..<start + channels { h[i] *= share }
        }
      }
    }
  }

  private func inputGradient(_ dy: Buffer, on tape: Tape) throws(NetworkError) -> Buffer {
    let backward = try tape.engine.primitive(kind.gradient, window)
    let dx = tape.engine.pool.buffer(count: x.count)
    if let places {
      try backward(dy.elements, dx.elements, places.elements, pool: tape.engine.pool)
    } else {
      try backward(dy.elements, dx.elements, pool: tape.engine.pool)
    }
    return dx
  }

  private func valuesAtMaxima(
    of u: UnsafeMutablePointer<Float>, into result: UnsafeMutablePointer<Float>, on engine: Engine
  ) {
    let (width, channels) = (window.output[1], window.output[2])
    let rowCount = window.batch * window.output[0]
    engine.inParallel(rows: rowCount, columns: width * channels) { part in
      for row in part {
        let image = row / window.output[0] * window.input[0]
        let rows = window.rows(at: row % window.output[0])
        for column in 0..<width {
          let place = (row * width + column) * channels
          let (y, result) = (ys + place, result + place)
          result.update(repeating: 0, count: channels)
          // Backward, so that the first of equal elements is the last to be written.
          for i in rows.reversed() {
            for j in window.columns(at: column).reversed() {
              let pixel = ((image + i) * window.input[1] + j) * channels
              for c in 0..<channels { result[c] = xs[pixel + c] == y[c] ? u[pixel + c] : result[c] }
            }
          }
        }
      }
    }
  }
}

extension Window {
  /// The image's rows under the window at this row of the output.
  fileprivate func rows(at row: Int) -> Range<Int> {
    let start = row * sliding.strideY - top
    return max(0, start)..<min(input[0], start + sliding.height)
  }

  /// The image's columns under the window at this column of the output.
  fileprivate func columns(at column: Int) -> Range<Int> {
    let start = column * sliding.strideX - left
    return max(0, start)..<min(input[1], start + sliding.width)
  }
}
