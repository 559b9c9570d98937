extension ModelCatalogue {
  /// 784-1000-1000-10 by default, for any input and number of classes.
  static let perceptron = Entry(
    name: "mlp", summary: "perceptron with two hidden layers of 1000 units",
    paper: "Kingma and Ba, \"Adam\" (ICLR 2015), section 6.2",
    options: [
      ("hidden", "sizes of the hidden layers (1000-1000)"),
      ("activation", "of the hidden layers: relu, tanh, sigmoid, softplus (relu)"),
      ModelOptions.initializerOption, dropoutOption,
    ],
    requirements: ["activation": .other("hidden", than: "none"), "dropout": .other("hidden", than: "none")],
    takesSparseInput: true
  ) { inputShape, classCount, options throws(NetworkError) in
    var layers: [any Layer] = inputShape.count == 1 ? [] : [Flatten()]
    let activation = try options.activation("activation", default: .relu)
    let initializer = try options.initializer("init")
    let rate = try options.rate("dropout", default: 0)
    for size in try options.sizes("hidden", default: [1000, 1000]) {
      layers.append(Dense(size, activation: activation, initializer: initializer))
      if rate > 0 { layers.append(Dropout(rate)) }
    }
    layers.append(Dense(classCount, initializer: initializer))
    return try Classifier(inputShape: inputShape, layers: layers)
  }
}
