import ArgumentParser
import DescentCatalogue
import Foundation
import Testing

@testable import DescentCommand
@testable import DescentLab

/// Paths, files, suites, products and make targets that pages name exist, and the program accepts the commands shown.
@Suite struct DocumentationTests {
  static let pages = DocumentationPage.all

  @Test(arguments: pages) func pathsExist(_ page: DocumentationPage) {
    for path in page.paths {
      #expect(FileManager.default.fileExists(atPath: Repository.root + "/" + path), "\(page.path): \(path)")
    }
  }

  @Test(arguments: pages) func linksLeadToFiles(_ page: DocumentationPage) {
    let folder = (Repository.root + "/" + page.path as NSString).deletingLastPathComponent
    for link in page.links {
      #expect(FileManager.default.fileExists(atPath: folder + "/" + link), "\(page.path): \(link)")
    }
  }

  @Test(arguments: pages) func sourceFilesExist(_ page: DocumentationPage) {
    for name in page.sourceFiles { #expect(Repository.fileNames.contains(name), "\(page.path): \(name)") }
  }

  @Test(arguments: pages) func suitesExist(_ page: DocumentationPage) {
    for suite in page.suites { #expect(Repository.suites.contains(suite), "\(page.path): \(suite)") }
  }

  @Test(arguments: pages) func productsAndTargetsExist(_ page: DocumentationPage) {
    for product in page.products { #expect(Repository.manifest.contains("\"\(product)\""), "\(page.path): \(product)") }
    for target in page.makeTargets { #expect(Repository.makefile.contains("\n\(target):"), "\(page.path): \(target)") }
  }

  @Test(arguments: pages) func commandsAreTaken(_ page: DocumentationPage) {
    for command in page.commands {
      #expect(Self.refusal(of: command) == nil, "\(page.path): descent \(command.joined(separator: " "))")
    }
    // A sentence may name a command without its required arguments.
    for command in page.mentions {
      let refusal = Self.refusal(of: command)
      #expect(
        refusal?.hasPrefix("Missing expected argument") ?? true,
        "\(page.path): descent \(command.joined(separator: " "))")
    }
  }

  /// Why the command line is refused; nil if it is not.
  private static func refusal(of command: [String]) -> String? {
    do {
      _ = try DescentCommand.parseAsRoot(command)
      return nil
    } catch {
      // Help and completion scripts arrive as errors.
      return DescentCommand.exitCode(for: error).isSuccess ? nil : DescentCommand.message(for: error)
    }
  }

  /// If a pattern found nothing, the tests above would pass on any page.
  @Test func everyKindIsFound() throws {
    let readme = try #require(Self.pages.first { $0.path == "README.md" })
    #expect(readme.commands.contains(["train", "--resume", "--out", "runs/a"]))
    #expect(
      readme.commands.contains { $0.first == "sweep" && $0.contains("adam:lr=log(1e-4,1e-1),beta2=choice(0.9,0.999)") })
    #expect(readme.links.contains("Documentation/methods.md"))
    #expect(readme.products.contains("Rosenbrock"))
    #expect(readme.makeTargets.contains("demo"))
    let contributing = try #require(Self.pages.first { $0.path == "CONTRIBUTING.md" })
    #expect(contributing.paths.contains("Examples/Expected/Fingerprint.txt"))
    #expect(!contributing.suites.isEmpty && !contributing.sourceFiles.isEmpty)
  }

  /// The page of all methods has every element-wise method's equations as its code has them today.
  @Test func equationsAreThoseOfTheCode() throws {
    let page = try String(contentsOfFile: Repository.root + "/Documentation/methods.md", encoding: .utf8)
    let methods = Catalogue.methods.filter { $0.kind == .element }
    for method in methods {
      let equations = try MethodsPage.equations(of: method)
      let isThere = page.contains(equations)
      #expect(isThere, "\(method.name): descent bench methods --output Documentation/methods.md")
    }
    #expect(methods.count > 40 && page.components(separatedBy: "```text").count == methods.count + 1)
  }

  @Test func commandLinesAreSplitAsAShellDoes() {
    let line = "train --optimizer 'adam:lr=log(1e-4, 1e-1)' --out \"a b\"   # a comment"
    #expect(DocumentationPage.words(of: line) == ["train", "--optimizer", "adam:lr=log(1e-4, 1e-1)", "--out", "a b"])
  }
}
