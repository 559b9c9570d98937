import Descent

/// The meaning of the axes of some parameters, as given on the command line: `outputsFirst`, or
/// `deconv*=input,output,window,window`.
public struct AxesDeclaration: Hashable, Sendable {
  /// A name, or a pattern in which `*` stands for any characters.
  public var pattern: String
  public var axes: ParameterAxes

  public init(_ axes: ParameterAxes, of pattern: String = "*") {
    self.pattern = pattern
    self.axes = axes
  }

  /// - Parameter text: `AXES` for all parameters, or `NAMES=AXES`.
  /// - Throws: ``ReplayError/axes(_:problem:)``.
  public init(parsing text: String) throws(ReplayError) {
    let parts = text.split(separator: "=", omittingEmptySubsequences: false)
    guard let last = parts.last, let axes = ParameterAxes(String(last)) else {
      let roles = AxisRole.allCases.map(\.rawValue).joined(separator: ", ")
      throw .axes(text, problem: "give outputsLast, outputsFirst, or one of \(roles) for each extent")
    }
    self.init(axes, of: parts.count == 1 ? "*" : parts.dropLast().joined(separator: "="))
  }

  func contains(_ name: String) -> Bool { matches(name[...], pattern[...]) }
}

extension [AxesDeclaration] {
  /// The layout of `tensors`. The last declaration that matches a tensor's name gives its axes; by default outputs are
  /// last.
  func layout(of tensors: [TensorDescription], in path: String) throws(ReplayError) -> ParameterLayout {
    for declaration in self where !tensors.contains(where: { declaration.contains($0.name) }) {
      throw .axes(
        "\(declaration.pattern)=\(declaration.axes)",
        problem: "'\(path)' has no such tensor, but \(tensors.map(\.name).joined(separator: ", "))")
    }
    do throws(LayoutError) {
      return try ParameterLayout(
        tensors.map { tensor in
          (tensor.name, tensor.shape, last { $0.contains(tensor.name) }?.axes ?? .outputsLast)
        })
    } catch { throw .file(path, "\(error)") }
  }
}
