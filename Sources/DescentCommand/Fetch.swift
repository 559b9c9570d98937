import ArgumentParser

struct Fetch: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Download a data set.")
  func run() throws {}
}
