#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension Checkpoint {
  /// The file's metadata, beside the tensors.
  private struct Description: Codable {
    var format: String
    var step: Int
    var rule: String
    var slots: [String]
    var arrays: [String]?
    var doubles: [String]?
    var numbers: [String: Double]?
    /// Formats of the slots of a quantized state.
    var coded: [String: String]?
    var parameters: [String]
    /// For parameters that are not in this package's order: what their extents count. Files of 0.1 have none.
    var axes: [String: [AxisRole]]?
    var transforms: [String: TransformDescription]
    var streams: [String: RandomStream]
  }

  private struct TransformDescription: Codable {
    var numbers: [String: Double]
    var vectors: [String]
  }

  /// Replaces the file at `path`, atomically.
  /// - Throws: ``FileError`` that names the file and the reason, or ``CheckpointError/notFinite(_:)``.
  public func write(to path: String) throws {
    let counted = transforms.reduce(into: numbers) { all, transform in
      for (name, number) in transform.value.numbers { all["\(transform.key)/\(name)"] = number }
    }
    if let name = counted.keys.sorted().first(where: { !counted[$0]!.isFinite }) {
      throw CheckpointError.notFinite(name)
    }
    var writer = SafetensorsWriter<Scalar>()
    writer.add(parameters)
    for (name, vector) in slots.sorted(by: { $0.key < $1.key }) { writer.add(vector, prefix: name + "/") }
    for (name, array) in arrays.sorted(by: { $0.key < $1.key }) { writer.add(array, name: name) }
    for (name, array) in doubles.sorted(by: { $0.key < $1.key }) { writer.add(array, name: name) }
    for (name, slot) in coded.sorted(by: { $0.key < $1.key }) { writer.add(slot, name: name) }
    for (transform, state) in transforms.sorted(by: { $0.key < $1.key }) {
      for (name, vector) in state.vectors.sorted(by: { $0.key < $1.key }) {
        writer.add(vector, prefix: "\(transform)/\(name)/")
      }
    }
    var axes: [String: [AxisRole]] = [:]
    for block in parameters.layout.blocks
    where block.axes != ParameterAxes.outputsLast.roles(rank: block.shape.count) { axes[block.name] = block.axes }
    let description = Description(
      format: Self.format, step: stepCount, rule: rule, slots: slots.keys.sorted(),
      arrays: arrays.isEmpty ? nil : arrays.keys.sorted(), doubles: doubles.isEmpty ? nil : doubles.keys.sorted(),
      numbers: numbers.isEmpty ? nil : numbers, coded: coded.isEmpty ? nil : coded.mapValues(\.format),
      parameters: parameters.layout.blocks.map(\.name), axes: axes.isEmpty ? nil : axes,
      transforms: transforms.mapValues {
        TransformDescription(numbers: $0.numbers, vectors: $0.vectors.keys.sorted())
      }, streams: streams)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var metadata = notes.reduce(into: [:]) { $0["note/" + $1.key] = $1.value }
    metadata["descent"] = String(decoding: try encoder.encode(description), as: UTF8.self)
    metadata["descent/options"] = ruleOptions
    metadata["descent/groups"] = groups
    writer.metadata = metadata
    try writer.write(to: path)
  }

  /// Reads the checkpoint at `path`.
  /// - Throws: ``SafetensorsError`` if the file is missing, truncated, damaged or no checkpoint of `Scalar`.
  public init(contentsOf path: String) throws(SafetensorsError) {
    let file = try Safetensors(path: path)
    guard let text = file.metadata["descent"], let options = file.metadata["descent/options"],
      let groups = file.metadata["descent/groups"],
      let description = try? JSONDecoder().decode(Description.self, from: Data(text.utf8)),
      description.format == Self.format, 0...largestStepCount ~= description.step
    else {
      throw SafetensorsError(path: path, problem: "it is a safetensors file, but no checkpoint of Descent")
    }
    let names = description.parameters
    let axes = description.axes ?? [:]
    parameters = try Self.vector(names, axes, prefix: "", file)
    slots = [:]
    for slot in description.slots { slots[slot] = try Self.vector(names, axes, prefix: slot + "/", file) }
    arrays = [:]
    for name in description.arrays ?? [] { arrays[name] = try Self.array(name, file) }
    for name in description.doubles ?? [] { doubles[name] = try Self.array(name, file) }
    for (slot, format) in description.coded ?? [:] {
      coded[slot] = try Self.coded(slot, format: format, names, file)
    }
    numbers = description.numbers ?? [:]
    transforms = [:]
    for (name, saved) in description.transforms {
      var state = TransformState<Scalar>(numbers: saved.numbers)
      for vector in saved.vectors {
        state.vectors[vector] = try Self.vector(names, axes, prefix: "\(name)/\(vector)/", file)
      }
      transforms[name] = state
    }
    stepCount = description.step
    rule = description.rule
    ruleOptions = options
    self.groups = groups
    streams = description.streams
    notes = file.metadata.reduce(into: [:]) {
      if $1.key.hasPrefix("note/") { $0[String($1.key.dropFirst(5))] = $1.value }
    }
  }

  private static func array<Element: LaneScalar>(
    _ name: String, _ file: borrowing Safetensors
  ) throws(SafetensorsError) -> LaneArray<Element> {
    guard let shape = file.shape(of: name) else {
      throw SafetensorsError(path: file.path, problem: "it has no tensor '\(name)'")
    }
    return LaneArray(try file.values(of: name, as: Element.self), shape: shape)
  }

  private static func coded(
    _ slot: String, format: String, _ names: [String], _ file: borrowing Safetensors
  ) throws(SafetensorsError) -> CodedSlot {
    var result = CodedSlot(format: format)
    for name in names {
      let codes = "\(slot)/\(name)"
      let offsets = slot + CodedSlot.offsetsInfix + name
      result.tensors[name] = CodedSlot.Tensor(
        type: file.type(of: codes) ?? "", shape: file.shape(of: codes) ?? [], bytes: try file.bytes(of: codes),
        offsets: file.type(of: offsets) == nil ? [] : try file.integers(of: offsets))
    }
    return result
  }

  private static func vector(
    _ names: [String], _ axes: [String: [AxisRole]], prefix: String, _ file: borrowing Safetensors
  ) throws(SafetensorsError) -> ParameterVector<Scalar> {
    var tensors: [(name: String, shape: [Int], axes: ParameterAxes)] = []
    for name in names {
      guard let shape = file.shape(of: prefix + name) else {
        throw SafetensorsError(path: file.path, problem: "it has no tensor '\(prefix + name)'")
      }
      tensors.append((name, shape, axes[name].map { .roles($0) } ?? .outputsLast))
    }
    let layout: ParameterLayout
    do throws(LayoutError) {
      layout = try ParameterLayout(tensors)
    } catch { throw SafetensorsError(path: file.path, problem: error.description) }
    var vector = ParameterVector<Scalar>(zeros: layout)
    for block in layout.blocks {
      let values = try file.values(of: prefix + block.name, as: Scalar.self)
      vector.withUnsafeMutableElements { elements in
        _ = UnsafeMutableBufferPointer(rebasing: elements[block.elements]).update(fromContentsOf: values)
      }
    }
    return vector
  }
}
