extension ModelCatalog {
  /// Multinomial logistic regression: softmax(x W + b).
  static let logistic = Entry(
    name: "logistic", summary: "multinomial logistic regression",
    paper: "Kingma and Ba, \"Adam\" (ICLR 2015), section 6.1",
    options: [], takesSparseInput: true
  ) { inputShape, classCount, options throws(NetworkError) in
    let head: [any Layer] = inputShape.count == 1 ? [] : [Flatten()]
    return try Classifier(
      inputShape: inputShape, layers: head + [Dense(classCount, initializer: .zeros)])
  }
}
