import Descent

extension Catalogue {
  /// Methods that ask the objective, a finite sum, for more than one gradient a step.
  static let sumFamily: [Method] = [
    Method(
      sum: GradientDescent<Double>(), vectors: 1, paper: "Cauchy 1847; Armijo 1966",
      "follows the gradient of all terms, with a fixed step or a line search"),
    Method(
      sum: LBFGS<Double>(), vectors: 21, paper: "Nocedal 1980; Liu & Nocedal 1989",
      "quasi-Newton steps from the last pairs of steps and changes of the gradient"),
    Method(
      sum: SVRG<Double>(), vectors: 3, paper: "Johnson & Zhang 2013",
      "corrects each gradient by the same term's at a snapshot"),
    Method(
      sum: SARAH<Double>(), vectors: 2, paper: "Nguyen et al. 2017",
      "adds up the changes of gradients along the path"),
    Method(
      sum: SPIDER<Double>(), vectors: 2, paper: "Fang et al. 2018",
      "SARAH's estimate, with steps of bounded length"),
    Method(
      sum: GaussianSmoothing<Double>(), vectors: 2, paper: "Nesterov & Spokoiny 2017",
      "descends by differences of values along random directions"),
    Method(
      sum: SPSA<Double>(), vectors: 2, paper: "Spall 1992",
      "descends by one difference of values at once in all coordinates"),
    Method(
      sum: SFO<Double>(), vectors: .nan, paper: "Sohl-Dickstein, Poole & Ganguli 2014",
      "quasi-Newton steps on the sum of quadratic models, one of each term"),
  ]
}
