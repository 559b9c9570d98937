import Foundation

/// A page in one file that loads nothing: markup, data and scripts.
struct Page {
  var title: String
  /// What is shown, as HTML: text in it must have been ``escaped(_:)``.
  var body: String
  /// What the scripts show.
  var data: any Encodable
  /// Run after the scripts of charts.
  var script: String

  /// The page as HTML. Whatever it shows, the browser is told to fetch nothing.
  var html: String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" \
    content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <link rel="icon" href="data:,">
    <title>\(Self.escaped(title))</title>
    <style>
    \(PageStyle.sheet)
    </style>
    </head>
    <body>
    \(body)
    <noscript><p>The charts need JavaScript, which is switched off.</p></noscript>
    <script type="application/json" id="data">\(Self.embedded(data))</script>
    <script>
    \(ChartScript.tools)
    \(ChartScript.chart)
    \(ChartScript.pointer)
    \(script)
    </script>
    </body>
    </html>

    """
  }

  /// `text` as HTML shows it literally, within elements and within quoted attributes.
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }

  /// `value` as JSON that can stand within a script element: no `</script>` or `<!--` can occur in it.
  static func embedded(_ value: any Encodable) -> String {
    var result = ""
    for character in JSON.line(value).unicodeScalars {
      // Only within strings do these occur, and there they may be written by their numbers.
      switch character {
      case "<", ">", "&", "\u{2028}", "\u{2029}":
        let digits = String(character.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }

  /// `table` as HTML; cells that are numbers are set flush right.
  static func html(_ table: Table) -> String {
    let isNumeric = table.isNumeric
    func row(_ cells: [String], _ tag: String) -> String {
      "<tr>"
        + zip(cells, isNumeric).map { "<\(tag)\($1 ? " class=\"number\"" : "")>\(escaped($0))</\(tag)>" }.joined()
        + "</tr>"
    }
    return "<div class=\"table\"><table><thead>\(row(table.header, "th"))</thead><tbody>"
      + table.rows.map { row($0, "td") }.joined() + "</tbody></table></div>"
  }

  /// A number for a page: six digits are more than a chart shows; nil for what JSON has no number for.
  static func number(_ value: Double, digits: Int = 6) -> Double? {
    value.isFinite ? Double(significant(value, digits: digits)) : nil
  }
}
