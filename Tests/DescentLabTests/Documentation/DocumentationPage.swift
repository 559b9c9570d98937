import Foundation
import Testing

/// A page of the documentation, and the things it names.
struct DocumentationPage: CustomTestStringConvertible, Sendable {
  /// Path from the repository's root.
  let path: String
  private let text: String
  /// Lines of code blocks, and code spans in sentences.
  private let blocks, spans: [String]
  private var code: [String] { blocks + spans }

  var testDescription: String { path }

  /// Every Markdown file except the result pages, which name the commands that made them.
  static let all = Repository.files.filter { $0.hasSuffix(".md") && !$0.hasPrefix("Results/") }.sorted().map(
    DocumentationPage.init)

  init(path: String) {
    self.path = path
    let text = (try? String(contentsOfFile: Repository.root + "/" + path, encoding: .utf8)) ?? ""
    self.text = text
    var (blocks, spans): ([String], [String]) = ([], [])
    var isBlock = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.trimmingPrefix(while: { $0 == " " }).hasPrefix("```") {
        isBlock.toggle()
      } else if isBlock {
        blocks.append(String(line))
      } else {
        // Outside a block the odd parts between backticks are code.
        spans += line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
          .compactMap { $0.offset % 2 == 1 ? String($0.element) : nil }
      }
    }
    self.blocks = blocks
    self.spans = spans
  }

  /// Paths in code, without placeholders in capitals and without built files.
  var paths: [String] {
    code.flatMap { line in
      line.matches(
        of: /(?:^|[^\w.\/])((?:Sources|Tests|Scripts|Examples|Documentation|Benchmarks|Fuzzing)\/[\w.\/+-]+)/
      )
      .map { String($0.output.1).trimmingSuffix(while: { $0 == "." }) }
      .filter { !$0.contains(/\/(?:[A-Z]+$|\.build)/) }
    }
  }

  /// Targets of links to files, without their fragment.
  var links: [String] {
    text.matches(of: /\]\(([^)\s]+)\)/).map { String($0.output.1) }
      .filter { !$0.contains("://") && !$0.hasPrefix("#") && !$0.hasPrefix("doc:") }
      .map { String($0.prefix { $0 != "#" }) }
  }

  /// Names of Swift files without a folder.
  var sourceFiles: [String] { code.flatMap { $0.matches(of: /(?:^|\s)([\w+]+\.swift)/).map { String($0.output.1) } } }

  /// Suites that `--filter` chooses, without their module.
  var suites: [String] {
    code.flatMap { $0.matches(of: /swift test.* --filter (?:\w+\.)?(\w+)/).map { String($0.output.1) } }
  }

  /// The products that `swift run` and `--product` name.
  var products: [String] {
    code.flatMap { $0.matches(of: /(?:swift run(?: -c release)?|--product) (\w+)/).map { String($0.output.1) } }
  }

  var makeTargets: [String] {
    code.flatMap { $0.matches(of: /^(?:\w+=\S+ )*make ([a-z][a-z-]*)/).map { String($0.output.1) } }
  }

  /// The words of each command line after `descent`, without incomplete commands that contain an ellipsis.
  var commands: [[String]] { Self.commands(blocks) }

  /// The same for commands in sentences.
  var mentions: [[String]] { Self.commands(spans) }

  private static func commands(_ code: [String]) -> [[String]] {
    code.compactMap { line in
      let line = line.trimmingPrefix(while: { $0 == " " })
      guard line.hasPrefix("descent "), !line.contains("…") else { return nil }
      return Self.words(of: line.dropFirst("descent ".count))
    }
  }

  /// The words of a command line, with quotes and a comment at the end as in a shell.
  static func words(of line: some StringProtocol) -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    for character in line {
      if let open = quote {
        if character == open { quote = nil } else { word?.append(character) }
      } else if character == "'" || character == "\"" {
        quote = character
        word = word ?? ""
      } else if character == " " {
        if let word { words.append(word) }
        word = nil
      } else if character == "#", word == nil {
        break
      } else {
        word = (word ?? "") + String(character)
      }
    }
    return words + (word.map { [$0] } ?? [])
  }
}

extension String {
  fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> String {
    var text = self[...]
    while let last = text.last, predicate(last) { text.removeLast() }
    return String(text)
  }
}

/// The things that a page can name.
enum Repository {
  static let root: String = {
    var url = URL(filePath: #filePath)
    for _ in 0..<4 { url.deleteLastPathComponent() }
    return url.path(percentEncoded: false).trimmingSuffix(while: { $0 == "/" })
  }()

  /// Every file except built ones, as a path from the root.
  static let files: [String] = {
    let enumerator = FileManager.default.enumerator(atPath: root)
    var files: [String] = []
    while let path = enumerator?.nextObject() as? String {
      let name = (path as NSString).lastPathComponent
      if name.hasPrefix(".build") || name == ".git" || name == "runs" {
        enumerator?.skipDescendants()
      } else {
        files.append(path)
      }
    }
    return files
  }()

  static let fileNames = Set(files.map { ($0 as NSString).lastPathComponent })
  static let manifest = text("Package.swift")
  static let makefile = "\n" + text("Makefile")

  /// Types of the tests, by name.
  static let suites: Set<String> = {
    let tests = files.filter { $0.hasPrefix("Tests/") && $0.hasSuffix(".swift") }.map(text).joined(separator: "\n")
    return Set(tests.matches(of: /@Suite[^\n]*struct (\w+)/).map { String($0.output.1) })
  }()

  private static func text(_ path: String) -> String {
    (try? String(contentsOfFile: root + "/" + path, encoding: .utf8)) ?? ""
  }
}
