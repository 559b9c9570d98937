import Foundation

/// A page in one file that loads nothing: markup, data and scripts.
struct Page {
  var title: String
  /// The content as HTML. All text in it must have gone through ``escaped(_:)``.
  var body: String
  /// The data that the scripts show.
  var data: any Encodable
  /// The page's own script, which runs after the scripts of charts.
  var script: String

  /// The page as HTML.
  ///
  /// Its security policy forbids the browser to fetch anything. The browser runs and applies only the page's own script
  /// and style, which the policy names by their checksums.
  var html: String {
    let style = "\n\(PageFiles.style)\n"
    let script = "\n" + (PageFiles.shared + [script]).joined(separator: "\n") + "\n"
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; base-uri 'none'; form-action 'none'; \
      img-src data:; style-src \(Self.source(of: style)); script-src \(Self.source(of: script))">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <link rel="icon" href="data:,">
      <title>\(Self.escaped(title))</title>
      <style>\(style)</style>
      </head>
      <body>
      \(body)
      <noscript><p>The charts need JavaScript, which is switched off.</p></noscript>
      <script type="application/json" id="data">\(Self.embedded(data))</script>
      <script>\(script)</script>
      </body>
      </html>

      """
  }

  /// The name by which the page's security policy allows a script or style with the content `text`: its checksum.
  private static func source(of text: String) -> String {
    "'sha256-\(Data(SHA256.digest(of: Array(text.utf8))).base64EncodedString())'"
  }

  /// `text` escaped so that HTML shows it literally, in elements and in quoted attributes.
  static func escaped(_ text: String) -> String {
    text.printable().replacingScalars { scalar in
      switch scalar {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\"": "&quot;"
      case "'": "&#39;"
      default: nil
      }
    }
  }

  /// `value` as JSON that can stand within a script element: no `</script>` or `<!--` can occur in it.
  static func embedded(_ value: any Encodable) -> String {
    JSON.line(value).replacingScalars { scalar in
      // In JSON these occur only within strings, where they may be written as numbers.
      scalar.isObeyed || ["<", ">", "&"].contains(scalar) ? scalar.number : nil
    }
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

  /// A number for a page, rounded, for a chart shows fewer than six digits; nil if it is not finite, as JSON requires.
  static func number(_ value: Double, digits: Int = 6) -> Double? {
    value.isFinite ? Double(significant(value, digits: digits)) : nil
  }
}
