import Foundation

/// `value` with `digits` digits after the point; "nan" and "inf" as they are.
func fixed(_ value: Double, digits: Int) -> String {
  abs(value) < 1e15 ? String(format: "%.*f", digits, value) : "\(value)"
}
