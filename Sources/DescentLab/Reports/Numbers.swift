import Foundation

/// `value` with `digits` digits after the point; "nan" and "inf" have none.
package func fixed(_ value: Double, digits: Int) -> String {
  value.isNaN ? "nan" : abs(value) < 1e15 ? String(format: "%.*f", digits, value) : "\(value)"
}

/// `value` with at most `digits` significant digits, as `%g` writes it.
package func significant(_ value: Double, digits: Int) -> String { String(format: "%.*g", digits, value) }

/// `value` with three significant digits, or more if its whole part has more: "0.600", "12.3", "1350".
func measured(_ value: Double) -> String {
  abs(value) >= 99.95 ? fixed(value, digits: 0) : String(format: "%#.3g", value)
}

/// "2026-11-21".
package func day(_ date: Date) -> String {
  let formatter = DateFormatter()
  formatter.locale = Locale(identifier: "en_US_POSIX")
  formatter.dateFormat = "yyyy-MM-dd"
  return formatter.string(from: date)
}

extension Int {
  /// The number with a comma between each three digits.
  public var grouped: String {
    let digits = String(magnitude)
    let head = digits.count % 3
    let groups = stride(from: head, to: digits.count, by: 3).map { digits.dropFirst($0).prefix(3) }
    let parts = (head > 0 ? [digits.prefix(head)] : []) + groups
    return (self < 0 ? "-" : "") + parts.joined(separator: ",")
  }
}

/// "1 epoch", "12 epochs", "60,000 examples".
public func counted(_ count: Int, _ noun: String) -> String { "\(count.grouped) \(noun)\(count == 1 ? "" : "s")" }

/// The number in the fewest digits that restore it exactly, for files: "0.1", "nan", "inf".
func exactText(_ value: Double) -> String { value.isNaN ? "nan" : "\(value)" }

/// A point as text: "(1, -2.5)". If it has more than four numbers, the first three are shown.
func pointText(_ x: [Double], digits: Int = 6) -> String {
  let shown = x.count > 4 ? x.prefix(3) : x[...]
  return "(" + (shown.map { significant($0, digits: digits) } + (x.count > 4 ? ["…"] : [])).joined(separator: ", ")
    + ")"
}
