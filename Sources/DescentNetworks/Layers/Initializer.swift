import Descent
import RealModule

/// How the first values of a parameter are drawn.
///
/// For a weight of shape [inputs, outputs] the fan-in is the number of inputs, and the fan-out is the number of
/// outputs. For a convolution [height, width, inputs, outputs] both are height·width times as large. A parameter whose
/// axes are declared in another order has the same values, rearranged into that order.
public enum Initializer: Hashable, Codable, Sendable {
  case zeros
  /// N(0, deviation²), whatever the fan-in.
  case normal(deviation: Double)
  /// N(0, 2/fanIn): He, Zhang, Ren and Sun, "Delving deep into rectifiers" (ICCV 2015).
  case heNormal
  /// U(−a, a) with a = √(6/fanIn), which has the same variance.
  case heUniform
  /// N(0, 2/(fanIn + fanOut)): Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
  /// networks" (AISTATS 2010).
  case glorotNormal
  /// U(−a, a) with a = √(6/(fanIn + fanOut)).
  case glorotUniform
  /// U(−a, a) with a = 1/√fanIn, a third of the variance of LeCun's: what PyTorch's layers begin with.
  case fanInUniform
  /// Each unit gets `count` weights from N(0, 1) at random places; all others are 0: Martens, "Deep learning via
  /// Hessian-free optimization" (ICML 2010), who takes 15.
  case sparse(count: Int = 15)

  /// Draws a parameter's values from `stream`, in the order [window…, inputs…, outputs…], into zeros.
  func draw(_ values: UnsafeMutableBufferPointer<Float>, _ fans: Fans, from stream: RandomStream) {
    var stream = stream
    let (fanIn, fanOut) = (Double(fans.fanIn), Double(fans.fanOut))
    func normal(variance: Double) {
      stream.fillNormal(values)
      let σ = Float(variance.squareRoot())
      for i in values.indices { values[i] *= σ }
    }
    func uniform(_ a: Double) {
      stream.fillUniform(values)
      for i in values.indices { values[i] = Float(a) * (2 * values[i] - 1) }
    }
    switch self {
    case .zeros: break
    case .normal(let deviation): normal(variance: deviation * deviation)
    case .heNormal: normal(variance: 2 / fanIn)
    case .heUniform: uniform((6 / fanIn).squareRoot())
    case .glorotNormal: normal(variance: 2 / (fanIn + fanOut))
    case .glorotUniform: uniform((6 / (fanIn + fanOut)).squareRoot())
    case .fanInUniform: uniform((1 / fanIn).squareRoot())
    case .sparse(let nonzeroCount):
      for unit in 0..<fans.outputs {
        var chosen: Set<Int> = []
        while chosen.count < min(nonzeroCount, fans.fanIn) {
          let input = stream.integer(below: fans.fanIn)
          if chosen.insert(input).inserted { values[input * fans.outputs + unit] = Float(stream.normal()) }
        }
      }
    }
  }
}

extension ParameterList {
  /// First values of all parameters. Each has a stream named after it, so adding a layer changes no other parameter.
  public func initialValues(seed: UInt64, layout: ParameterLayout) -> ParameterVector<Float> {
    var θ = ParameterVector<Float>(zeros: layout)
    θ.withUnsafeMutableElements { elements in
      for (parameter, block) in zip(parameters, layout.blocks) {
        let stream = RandomStream(seed: seed, name: "initialization/\(parameter.name)")
        let values = UnsafeMutableBufferPointer(rebasing: elements[block.elements])
        if let sorted = SortedAxes(block) {
          var drawn = [Float](repeating: 0, count: block.count)
          drawn.withUnsafeMutableBufferPointer {
            parameter.initializer.draw($0, block.fans, from: stream)
            sorted.scatter($0.baseAddress!, to: values.baseAddress!)
          }
        } else {
          parameter.initializer.draw(values, block.fans, from: stream)
        }
      }
    }
    return θ
  }
}
