/// A slot of a quantized state, exactly as it is stored.
///
/// In a safetensors file the codes of `dense1.weight` in the slot `adam/m` are the tensor `adam/m/dense1.weight`, of
/// the parameter's shape, in `U8` (``Block8``) or `BF16` (``BFloat16``); a block8 slot has
/// `adam/m:offsets/dense1.weight`, in `I16`, with an offset o for each 64 codes. A code c stands for
///
///     nonnegative  the float whose bits are (c + o) 2²⁰; 0 where c = 0
///     signed       the same of c mod 128, negative where c ≥ 128
///
/// In a block whose offset is negative, the largest code, 127 or 255, is NaN, and 2¹⁵ is added to o.
public struct CodedSlot: Hashable, Sendable {
  /// `block8` or `bfloat16`.
  public var format: String
  /// The codes of each parameter, by its name.
  public var tensors: [String: Tensor] = [:]

  public struct Tensor: Hashable, Sendable {
    /// The codes' type in safetensors files.
    public var type: String
    /// The parameter's shape.
    public var shape: [Int]
    /// The codes, row-major.
    public var bytes: [UInt8]
    /// One for each block of 64; empty if the format has no offsets.
    public var offsets: [Int16]
  }

  /// Stands between a slot's name and a parameter's in the name of the offsets' tensor.
  static var offsetsInfix: String { ":offsets/" }
}
