import COneDNN

/// C ← op(A) op(B), where op(A) is m×k and op(B) k×n, all row-major without gaps.
struct Product: Hashable, CustomStringConvertible {
  let m, n, k: Int
  /// Whether the memory of a factor holds the factor's transpose.
  var transposesA = false, transposesB = false
  /// C ← … + bias in each row
  var addsBias = false
  /// C ← max(…, 0)
  var isReLU = false
  /// C ← C + …
  var accumulates = false

  var description: String { "\(m)×\(k)×\(n)" }

  var shape: onednn_product {
    onednn_product(
      transpose_a: transposesA, transpose_b: transposesB, m: Int64(m), n: Int64(n), k: Int64(k), adds_bias: addsBias,
      is_relu: isReLU, accumulates: accumulates)
  }
}

extension Engine {
  /// Writes the product of a and b into c; `bias` is for products that add one.
  func multiply(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, bias: UnsafePointer<Float>? = nil,
    into c: UnsafeMutablePointer<Float>, _ product: Product
  ) throws(NetworkError) {
    let run = try primitive(.product(product))
    if let bias {
      try run(a, b, bias, c, pool: pool)
    } else {
      try run(a, b, c, pool: pool)
    }
  }
}
