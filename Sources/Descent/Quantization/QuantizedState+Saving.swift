extension QuantizedState {
  private static var bytesPerCode: Int { Format.bits / 8 }

  /// The bytes of a block's codes in `slot`.
  private func bytes(block: Int, slot: Int) -> UnsafeMutablePointer<UInt8> {
    UnsafeMutableRawPointer(codes(block: block, slot: slot)).assumingMemoryBound(to: UInt8.self)
  }

  /// The blocks that hold `parameter`, each with the range of its elements there.
  private func blocks(of parameter: ParameterLayout.Block) -> [(block: Int, elements: Range<Int>)] {
    stride(from: 0, to: parameter.count, by: quantizedBlockCount).map {
      ((parameter.offset + $0) / quantizedBlockCount, $0..<min($0 + quantizedBlockCount, parameter.count))
    }
  }

  public func names(of slots: [String]) -> [String] {
    slots.enumerated().map { Base.slotKinds.isExact($0) ? $1 : "\($1) in \(Format.name)" }
  }

  public func save(_ slots: [String], layout: ParameterLayout) -> SavedState<Float> {
    var saved = SavedState<Float>()
    for (slot, name) in slots.enumerated() {
      if Base.slotKinds.isExact(slot) {
        saved.vectors[name] = vector(slot: slot, layout: layout)
        continue
      }
      var coded = CodedSlot(format: Format.name)
      for parameter in layout.blocks {
        var tensor = CodedSlot.Tensor(
          type: Format.safetensorsName, shape: parameter.shape,
          bytes: Array(repeating: 0, count: parameter.count * Self.bytesPerCode), offsets: [])
        for (block, elements) in blocks(of: parameter) {
          let source = bytes(block: block, slot: slot)
          for i in elements {
            let position = Format.position(of: i - elements.lowerBound) * Self.bytesPerCode
            for byte in 0..<Self.bytesPerCode { tensor.bytes[i * Self.bytesPerCode + byte] = source[position + byte] }
          }
          if Format.hasOffsets { tensor.offsets.append(offset(block: block, slot: slot).pointee) }
        }
        coded.tensors[parameter.name] = tensor
      }
      saved.coded[name] = coded
    }
    return saved
  }

  public func restore(
    _ saved: SavedState<Float>, _ slots: [String], layout: ParameterLayout
  ) throws(CheckpointError) {
    for (slot, name) in slots.enumerated() {
      if Base.slotKinds.isExact(slot) {
        guard let vector = saved.vectors[name] else { throw .missingState(name) }
        assign(try vector.rearranged(to: layout), slot: slot)
        continue
      }
      guard let coded = saved.coded[name], coded.format == Format.name else { throw .missingState(name) }
      for parameter in layout.blocks {
        let blocks = blocks(of: parameter)
        guard let tensor = coded.tensors[parameter.name] else { throw .missingState("\(name)/\(parameter.name)") }
        let nonNegative = Base.slotKinds.isNonNegative(slot)
        guard tensor.type == Format.safetensorsName, tensor.shape == parameter.shape,
          tensor.bytes.count == parameter.count * Self.bytesPerCode,
          tensor.offsets.count == (Format.hasOffsets ? blocks.count : 0),
          tensor.offsets.allSatisfy({ Format.isValid(offset: $0, nonNegative: nonNegative) })
        else { throw .damagedState("\(name)/\(parameter.name)") }
        for (i, (block, elements)) in blocks.enumerated() {
          // The padding keeps the code from the initial state. It is harmless with any offset, because its gradient is
          // zero.
          let destination = bytes(block: block, slot: slot)
          for i in elements {
            let position = Format.position(of: i - elements.lowerBound) * Self.bytesPerCode
            for byte in 0..<Self.bytesPerCode {
              destination[position + byte] = tensor.bytes[i * Self.bytesPerCode + byte]
            }
          }
          if Format.hasOffsets { offset(block: block, slot: slot).pointee = tensor.offsets[i] }
        }
      }
    }
  }
}
