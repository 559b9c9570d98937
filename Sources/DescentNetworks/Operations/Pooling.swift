import COneDNN
import Descent

/// How a pooling reduces a window to one number.
public enum PoolingKind: Hashable, Codable, Sendable {
  /// The largest element.
  case maximum
  /// The mean over the elements on the image or, on request, over all elements with zeros in the padding.
  case average(countsPadding: Bool = false)
}

extension Tape {
  /// The maximum or mean of each channel over each window.
  ///
  /// - Parameters:
  ///   - x: [batch, height, width, channels].
  ///   - kind: Maximum or mean. The gradient of a maximum goes to the first of the largest elements.
  ///   - sliding: The windows.
  ///   - layer: The layer's name, for errors.
  /// - Returns: [batch, output height, output width, channels].
  /// - Throws: ``NetworkError`` if the image is too small or x is no image.
  public func pooling(
    _ x: Tensor, _ kind: PoolingKind, _ sliding: SlidingWindow, layer: String = "pooling"
  ) throws(NetworkError) -> Tensor {
    guard x.shape.count == 4 else {
      throw .shape(layer: layer, expected: "[batch, height, width, channels]", found: x.shape)
    }
    var window = try sliding.fitted(to: x.exampleShape, layer: layer)
    window.batch = x.batchCount
    let xs = try x.elements(for: "pooling")
    let y = tensor([x.batchCount] + window.output, isDifferentiable: x.isDifferentiable)
    let ys = y.mutableElements
    let notesPlaces = kind == .maximum && y.isDifferentiable
    let forward = try engine.primitive(kind.forward(notesPlaces: notesPlaces), window)
    let places = notesPlaces ? engine.pool.buffer(count: forward.placesCount) : nil
    if let places {
      try forward(xs, ys, places.elements, pool: engine.pool)
    } else {
      try forward(xs, ys, pool: engine.pool)
    }
    let count = x.count
    try record(y, curvature: PoolingCurvature(x: x, xs: xs, kind: kind, window: window, ys: ys, places: places)) {
      [unowned self, window] dy throws(NetworkError) in
      let backward = try engine.primitive(kind.gradient, window)
      let dx = engine.pool.buffer(count: count)
      if let places {
        try backward(dy.elements, dx.elements, places.elements, pool: engine.pool)
      } else {
        try backward(dy.elements, dx.elements, pool: engine.pool)
      }
      x.receive(gradient: dx)
    }
    return y
  }
}

extension PoolingKind {
  func forward(notesPlaces: Bool) -> onednn_kind {
    switch self {
    case .maximum: notesPlaces ? onednn_max_pooling_noting_places : onednn_max_pooling
    case .average(let countsPadding): countsPadding ? onednn_average_pooling : onednn_average_pooling_inside
    }
  }

  var gradient: onednn_kind {
    switch self {
    case .maximum: onednn_max_pooling_gradient
    case .average(true): onednn_average_pooling_gradient
    case .average(false): onednn_average_pooling_inside_gradient
    }
  }
}
