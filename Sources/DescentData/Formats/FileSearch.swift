import Descent
import Foundation

/// Looks for the files of a data set: in the user's folder as it is, or in the cache.
struct FileSearch {
  /// The data set's name in `descent fetch`, if that can fetch it.
  let fetchName: String?
  /// Folders in order: the first that has the file is used.
  let places: [String]

  /// - Parameters:
  ///   - directory: the user's folder; nil for the cache.
  ///   - subfolders: names under which the data set may lie inside that folder. They are searched first, since two data
  ///     sets may use the same names for their files.
  init(_ dataset: String, in directory: URL?, subfolders: [String], fetchName: String?) {
    let root = (directory ?? CacheFolder.url.appending(path: dataset)).path(percentEncoded: false)
    let base = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
    places = ([dataset] + subfolders).map { base + "/" + $0 }.filter(isFolder) + [base]
    self.fetchName = fetchName
  }

  /// The path of the first file that exists and has one of `names`.
  func find(_ names: String...) throws(DataError) -> String {
    if let path = firstPath(names) { return path }
    throw .missingFile(names: names, places: places, fetch: fetchName)
  }

  /// The path of the first file that exists, or nil: for an optional file.
  func findIfThere(_ names: String...) -> String? { firstPath(names) }

  private func firstPath(_ names: [String]) -> String? {
    places.lazy.flatMap { place in names.lazy.map { place + "/" + $0 } }.first(where: isRegularFile)
  }

  /// The folder that holds all of `names`; names that end in a slash are folders.
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
