import COneDNN

/// Margins of zeros around an image (for a maximum, margins that never win).
public enum Padding: Hashable, Codable, Sendable {
  /// No margin: windows lie on the image.
  case none
  /// Enough for ⌈extent/stride⌉ outputs; if the total is odd, the larger half is below and on the right.
  case same
  /// This many elements on each side.
  case symmetric(Int)

  /// The margins before and after an extent.
  func margins(extent: Int, window: Int, stride: Int) -> (before: Int, after: Int) {
    switch self {
    case .none: return (0, 0)
    case .symmetric(let margin): return (margin, margin)
    case .same:
      let total = max(0, ((extent + stride - 1) / stride - 1) * stride + window - extent)
      return (total / 2, total - total / 2)
    }
  }
}

/// How a window of a convolution or pooling slides over images.
public struct SlidingWindow: Hashable, Sendable {
  /// Height and width of the window, at least 1.
  public var height, width: Int
  /// Steps between windows, down and to the right, at least 1.
  public var strideY, strideX: Int
  /// Margins around the image, smaller than the window.
  public var padding: Padding

  public init(height: Int, width: Int, strideY: Int, strideX: Int, padding: Padding) {
    self.height = height
    self.width = width
    self.strideY = strideY
    self.strideX = strideX
    self.padding = padding
  }

  /// A square window with equal steps.
  public init(_ extent: Int, stride: Int, padding: Padding) {
    self.init(height: extent, width: extent, strideY: stride, strideX: stride, padding: padding)
  }

  /// The window on images of [height, width, channels].
  ///
  /// - Throws: ``NetworkError`` if an option is out of range or the image is too small.
  func fitted(
    to imageShape: [Int], outputChannels: Int? = nil, layer: String
  ) throws(NetworkError) -> Window {
    guard imageShape.count == 3 else {
      throw .shape(layer: layer, expected: "[height, width, channels]", found: imageShape)
    }
    let limit = 1 << 20
    try layer.require(min(height, width), "the window's extent", in: 1...limit)
    try layer.require(min(strideY, strideX), "the stride", in: 1...limit)
    if case .symmetric(let margin) = padding {
      // No window may lie entirely in the margin.
      try layer.require(margin, "the padding", in: 0...(min(height, width) - 1))
    }
    let vertical = padding.margins(extent: imageShape[0], window: height, stride: strideY)
    let horizontal = padding.margins(extent: imageShape[1], window: width, stride: strideX)
    let freeHeight = imageShape[0] + vertical.before + vertical.after - height
    let freeWidth = imageShape[1] + horizontal.before + horizontal.after - width
    guard freeHeight >= 0, freeWidth >= 0 else {
      throw .shape(
        layer: layer, expected: "an image of at least the \(height)×\(width) window", found: imageShape)
    }
    return Window(
      batch: 1, input: imageShape,
      output: [freeHeight / strideY + 1, freeWidth / strideX + 1, outputChannels ?? imageShape[2]],
      sliding: self, top: vertical.before, bottom: vertical.after, left: horizontal.before, right: horizontal.after)
  }
}

/// A sliding window on images of a certain size.
struct Window: Hashable, CustomStringConvertible {
  var batch: Int
  let input: [Int]
  let output: [Int]
  let sliding: SlidingWindow
  let top, bottom, left, right: Int

  var description: String {
    "\(batch) images \(input) → \(output), \(sliding.height)×\(sliding.width) window"
  }

  var shape: onednn_shape {
    onednn_shape(
      batch: Int64(batch), height: Int64(input[0]), width: Int64(input[1]), channels: Int64(input[2]),
      out_height: Int64(output[0]), out_width: Int64(output[1]), out_channels: Int64(output[2]),
      window_height: Int64(sliding.height), window_width: Int64(sliding.width),
      stride_y: Int64(sliding.strideY), stride_x: Int64(sliding.strideX),
      pad_top: Int64(top), pad_left: Int64(left), pad_bottom: Int64(bottom), pad_right: Int64(right))
  }
}
