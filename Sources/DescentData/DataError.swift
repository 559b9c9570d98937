import Descent

/// Why a data set is refused. The description names the file or option at fault and the remedy.
public enum DataError: Error, Hashable, CustomStringConvertible {
  /// A data set or an option that does not exist.
  case unknown(UnknownName)
  /// A text that is no name with options.
  case malformed(OptionSpecError)
  case invalidOption(String, value: String, dataset: String, allowed: String)
  /// None of `names` is in any of the `places`; `fetch` is the data set's name in `descent fetch`.
  case missingFile(names: [String], places: [String], fetch: String?)
  case file(String, FileProblem)
  /// A data set that the program draws does not fit into the memory.
  case tooLarge(dataset: String, MemoryShortage)
  case download(String, DownloadProblem)

  public var description: String {
    switch self {
    case .unknown(let name): "\(name)"
    case .malformed(let error): "data set: \(error)"
    case .invalidOption(let option, let value, let dataset, let allowed):
      "data set \(dataset): \(option)=\(value) is not \(allowed)"
    case .missingFile(let names, let places, let fetch):
      "no file \(names.joined(separator: " or ")) in \(places.joined(separator: ", ")); "
        + (fetch.map { "get it with \"descent fetch \($0)\" or name its folder with --data-dir" }
          ?? "check the path")
    case .file(let path, let problem): "\(path): \(problem)"
    case .tooLarge(let dataset, let shortage): "data set \(dataset) is too large: \(shortage); take fewer examples"
    case .download(let url, let problem): "\(url): \(problem)"
    }
  }
}

/// What is wrong with a data file.
public enum FileProblem: Hashable, Sendable, CustomStringConvertible {
  case unreadable(reason: String)
  /// No data set can be read from this: a folder, a pipe, a compressed file of another kind.
  case unsuitable(kind: String, remedy: String)
  case tooLarge(MemoryShortage)
  case unwritable(reason: String)
  /// The file is shorter than its header promises; `expected` counts uncompressed bytes.
  case truncated(expected: Int, actual: Int)
  case oversized(expected: Int)
  case wrongMagic(expected: String, actual: String)
  case corruptGzip(reason: String)
  case malformedHeader(reason: String)
  case malformedLine(Int, reason: String)
  case noExamples
  case labelOutOfRange(label: Int, example: Int, classCount: Int)
  /// Images and labels, or two splits, do not belong together.
  case mismatch(reason: String, other: String)

  public var description: String {
    switch self {
    case .unreadable(let reason): "cannot be read: \(reason); check the path and its permissions"
    case .unsuitable(let kind, let remedy): "is \(kind); \(remedy)"
    case .tooLarge(let shortage): "is too large: \(shortage)"
    case .unwritable(let reason): "cannot be written: \(reason); check the folder, its permissions and the space left"
    case .truncated(let expected, let actual):
      "is truncated: \(actual) bytes where \(expected) belong; get it again from where it came"
    case .oversized(let expected):
      "goes on after the \(expected) bytes that belong in it; get it again from where it came"
    case .wrongMagic(let expected, let actual):
      "is not the kind of file expected: it begins with \(actual), not with \(expected); check that it is what its name says"
    case .corruptGzip(let reason): "is not sound gzip: \(reason); get it again from where it came"
    case .malformedHeader(let reason): "has a header that cannot be used: \(reason)"
    case .malformedLine(let line, let reason): "line \(line): \(reason); correct or remove the line"
    case .noExamples: "holds no examples; check that it is the file meant"
    case .labelOutOfRange(let label, let example, let classCount):
      "example \(example) has label \(label), not one of 0..<\(classCount); get the file again from where it came, or correct the label"
    case .mismatch(let reason, let other): "does not go with \(other): \(reason); take both from the same source"
    }
  }
}

/// What went wrong while a file was fetched.
public enum DownloadProblem: Error, Hashable, CustomStringConvertible {
  case unreachable(reason: String)
  case status(Int)
  case wrongChecksum(expected: String, actual: String)
  /// If no checksum is published: the file's content is not as expected.
  case wrongContents(reason: String)
  case writeFailed(path: String, reason: String)
  case unpackFailed(reason: String)

  public var description: String {
    switch self {
    case .unreachable(let reason):
      "cannot be reached: \(reason); check the network, or download the file elsewhere and name its folder with --data-dir"
    case .status(404): "is not there (HTTP status 404); download the file elsewhere and name its folder with --data-dir"
    case .status(let code): "the server answered with HTTP status \(code); try again later"
    case .wrongChecksum(let expected, let actual):
      "arrived with checksum \(actual), not \(expected), and was discarded; try again"
    case .wrongContents(let reason): "what arrived is not the file meant, and was discarded: \(reason); try again"
    case .writeFailed(let path, let reason):
      "cannot be stored as \(path): \(reason); free some space or set DESCENT_CACHE to another folder"
    case .unpackFailed(let reason): "cannot be unpacked: \(reason)"
    }
  }
}
