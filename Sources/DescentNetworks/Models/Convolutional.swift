extension ModelCatalogue {
  /// c64-c64-c128-1000: three 5×5 convolutions with ReLU, each with a 3×3 maximum of stride 2, then 1000 ReLU units.
  static let convolutional = Entry(
    name: "cnn", summary: "convolutional network c64-c64-c128-1000",
    paper: "Kingma and Ba, \"Adam\" (ICLR 2015), section 6.3",
    options: [dropoutOption], takesSparseInput: false
  ) { inputShape, classCount, options throws(NetworkError) in
    let rate = try options.rate("dropout", default: 0)
    var layers: [any Layer] = rate > 0 ? [Dropout(rate)] : []
    for filters in [64, 64, 128] {
      layers.append(Convolution(filters, window: 5, activation: .relu))
      layers.append(MaxPooling(3, stride: 2, padding: .symmetric(1)))
    }
    layers += [Flatten(), Dense(1000, activation: .relu)]
    if rate > 0 { layers.append(Dropout(rate)) }
    return try Classifier(inputShape: inputShape, layers: layers + [Dense(classCount)])
  }

  /// Two convolutions and a hidden layer, sized for digits of 28×28.
  static let smallConvolutional = Entry(
    name: "smallcnn", summary: "small convolutional network c16-c32-128",
    paper:
      "after LeCun, Bottou, Bengio and Haffner, \"Gradient-based learning applied to document recognition\" (1998)",
    options: [dropoutOption], takesSparseInput: false
  ) { inputShape, classCount, options throws(NetworkError) in
    let rate = try options.rate("dropout", default: 0)
    var layers: [any Layer] = [
      Convolution(16, window: 5, activation: .relu), MaxPooling(2),
      Convolution(32, window: 5, activation: .relu), MaxPooling(2),
      Flatten(), Dense(128, activation: .relu),
    ]
    if rate > 0 { layers.append(Dropout(rate)) }
    return try Classifier(inputShape: inputShape, layers: layers + [Dense(classCount)])
  }

  static let dropoutOption = (name: "dropout", meaning: "rate of dropout, in 0..<1 (0)")
}
