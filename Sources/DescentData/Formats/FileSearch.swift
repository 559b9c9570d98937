import Descent
import Foundation

/// Where the files of a data set are looked for: the user's folder as it is, or the cache.
struct FileSearch {
  /// What `descent fetch` calls the data set, if it can fetch it.
  let fetchName: String?
  /// Folders, the first that has the file wins.
  let places: [String]

  /// - Parameters:
  ///   - directory: the user's folder; nil for the cache.
  ///   - subfolders: names under which the data set may lie inside that folder. They are looked at first: two data
  ///     sets may use the same names for their files.
  init(_ dataset: String, in directory: URL?, subfolders: [String], fetchName: String?) {
    let root = (directory ?? CacheFolder.url.appending(path: dataset)).path(percentEncoded: false)
    let base = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
    places = ([dataset] + subfolders).map { base + "/" + $0 }.filter(isFolder) + [base]
    self.fetchName = fetchName
  }

  /// The path of the first file there is, of any of `names`.
  func find(_ names: String...) throws(DataError) -> String {
    if let path = firstPath(names) { return path }
    throw .missingFile(names: names, places: places, fetch: fetchName)
  }

  /// The path of the first file there is, or nil: for a file that need not be there.
  func findIfThere(_ names: String...) -> String? { firstPath(names) }

  private func firstPath(_ names: [String]) -> String? {
    places.lazy.flatMap { place in names.lazy.map { place + "/" + $0 } }.first(where: isRegularFile)
  }

  /// The folder that holds all of `names`; those that end in a slash are folders.
  func findFolder(containing names: [String]) throws(DataError) -> String {
    func holds(_ place: String, _ name: String) -> Bool {
      name.hasSuffix("/") ? isFolder(place + "/" + name) : isRegularFile(place + "/" + name)
    }
    if let place = places.first(where: { place in names.allSatisfy { holds(place, $0) } }) { return place }
    let best = places.first { place in names.contains { holds(place, $0) } }
    let missing = best.map { place in names.filter { !holds(place, $0) } } ?? names
    throw .missingFile(names: [missing[0]], places: best.map { [$0] } ?? places, fetch: fetchName)
  }
}
