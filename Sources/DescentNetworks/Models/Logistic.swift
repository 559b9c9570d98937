extension ModelCatalogue {
  /// Multinomial logistic regression: softmax(x W + b), with optional dropout of the inputs.
  static let logistic = Entry(
    name: "logistic", summary: "multinomial logistic regression",
    paper: "Kingma and Ba, \"Adam\" (ICLR 2015), section 6.1",
    options: [dropoutOption], takesSparseInput: true
  ) { inputShape, classCount, options throws(NetworkError) in
    var layers: [any Layer] = inputShape.count == 1 ? [] : [Flatten()]
    let rate = try options.rate("dropout", default: 0)
    if rate > 0 { layers.append(Dropout(rate)) }
    return try Classifier(inputShape: inputShape, layers: layers + [Dense(classCount, initializer: .zeros)])
  }
}
