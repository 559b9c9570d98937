import Descent
import Foundation
import Testing

@testable import DescentLab

/// The data of a page, which are JSON within it.
func data<Value: Decodable>(_ type: Value.Type, in page: String) throws -> Value {
  let start = try #require(page.range(of: #"<script type="application/json" id="data">"#))
  let end = try #require(page[start.upperBound...].range(of: "</script>"))
  return try JSONDecoder().decode(type, from: Data(page[start.upperBound..<end.lowerBound].utf8))
}

/// Checks that every element that must be closed is closed, in order, and that the page refers to nothing outside.
func checkMarkup(_ page: String) {
  var open: [Substring] = []
  var rest = page[...]
  while let start = rest.firstIndex(of: "<") {
    rest = rest[rest.index(after: start)...]
    guard let end = rest.firstIndex(of: ">") else { break }
    let tag = rest[..<end]
    rest = rest[rest.index(after: end)...]
    let name = tag.drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber }
    if tag.first == "!" || ["meta", "link", "input"].contains(name) { continue }
    if tag.first == "/" {
      #expect(open.popLast() == name, "</\(name)>")
      continue
    }
    open.append(name)
    // The contents are not markup.
    if ["script", "style"].contains(name), let close = rest.range(of: "</\(name)>") {
      rest = rest[close.lowerBound...]
    }
  }
  #expect(open == [])
  for reference in ["http:", "https:", " src=", "@import", "url("] {
    #expect(!page.contains(reference), "\(reference)")
  }
}

@Suite struct PageTests {
  private let hostile = #"</script><script>alert("1")</script><!-- & ' \#u{2028}"#

  @Test func textIsEscaped() {
    #expect(Page.escaped(#"<a href="x">'&'</a>"#) == "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;")
    // No character within a cluster slips through.
    #expect(Page.escaped("<\u{301}") == "&lt;\u{301}")
  }

  @Test func dataCannotEndTheirElement() throws {
    let embedded = Page.embedded([hostile, "plain"])
    for mark in ["<", ">", "&", "\u{2028}"] { #expect(!embedded.contains(mark)) }
    #expect(try JSONDecoder().decode([String].self, from: Data(embedded.utf8)) == [hostile, "plain"])
  }

  @Test func aPageOfHostileTextIsWhole() throws {
    var table = Table(header: [hostile, "n"])
    table.add(["<b>", "1"])
    let page = Page(title: hostile, body: Page.html(table), data: [hostile], script: "").html
    checkMarkup(page)
    #expect(!page.contains("alert(\"1\")"))
    #expect(try data([String].self, in: page) == [hostile])
    #expect(page.contains(#"<td class="number">1</td>"#) && page.contains("<td>&lt;b&gt;</td>"))
  }

  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      String(repeating: "a", count: 1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ])
  func sumsAreThoseOfTheStandard(_ message: String, _ sum: String) {
    let digits = SHA256.digest(of: Array(message.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    #expect(digits.joined() == sum)
  }

  /// A browser runs only the script whose checksum is in the page's policy; the checksum must match the element's text.
  @Test func aPageAllowsItsOwnScriptAlone() throws {
    let page = Page(title: "t", body: "<p>x</p>", data: [hostile], script: "draw();").html
    let policy = try #require(page.firstMatch(of: /Content-Security-Policy" content="([^"]*)"/)).1
    #expect(policy.hasPrefix("default-src 'none'; ") && !policy.contains("unsafe"))
    for (element, directive) in [("script", "script-src"), ("style", "style-src")] {
      let start = try #require(page.range(of: "<\(element)>"))
      let end = try #require(page[start.upperBound...].range(of: "</\(element)>"))
      let sum = SHA256.digest(of: Array(page[start.upperBound..<end.lowerBound].utf8))
      #expect(policy.contains("\(directive) 'sha256-\(Data(sum).base64EncodedString())'"))
      #expect(page[start.upperBound..<end.lowerBound].contains(element == "script" ? "draw();" : "body {"))
    }
  }

  /// The pages have every file of the folder with the scripts, as it is.
  @Test func everyScriptIsOnAPage() throws {
    let report = RunsReport(of: []).page
    let trace = Page(title: "t", body: "", data: [0], script: PageFiles.trace.joined(separator: "\n")).html
    let files = Repository.files.filter { $0.hasPrefix("Sources/DescentLab/Pages/Scripts/") }
    #expect(files.count >= 8)
    for file in files {
      let text = try String(contentsOfFile: "\(Repository.root)/\(file)", encoding: .utf8)
      #expect(text.utf8.count > 500 && (report.contains(text) || trace.contains(text)), "\(file)")
    }
  }

  @Test func thinningKeepsPeaks() {
    var points = (0..<10_000).map { (x: Double($0), y: 1.0) }
    points[1234].y = 50
    points[7777].y = -3
    points[42].y = .nan
    let thinned = Thinning.points(points, buckets: 100)
    #expect(thinned.count == 100)
    #expect(thinned[12].high == 50 && thinned[12].low == 1 && abs(thinned[12].mean - 1.49) < 1e-9)
    #expect(thinned[77].low == -3 && thinned[0].mean.isFinite && thinned[0].x == 49.5)
    let few = Thinning.points([(1, 2), (2, .infinity)], buckets: 100)
    #expect(few.count == 2 && few[0] == Thinning.Point(x: 1, mean: 2, low: 2, high: 2) && few[1].mean.isNaN)
    #expect(Thinning.points([], buckets: 5).isEmpty)
  }
}
