import CFuzzer
import Foundation
import FuzzTargets

/// The target that reads libFuzzer's inputs, and its folder.
enum Fuzzed {
  nonisolated(unsafe) static var target: FuzzTarget?
  nonisolated(unsafe) static var folder = ""
}

/// The folder of a target's inputs. Writes the seeds into it; libFuzzer adds the inputs that it finds.
func corpus(of target: FuzzTarget) throws -> String {
  let folder = ".build/corpus/\(target.name)"
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  let own = try target.makeFolder()
  defer { try? FileManager.default.removeItem(atPath: own) }
  for (i, seed) in try target.seeds(own).enumerated() {
    try Data(seed).write(to: URL(filePath: "\(folder)/seed-\(i)"))
  }
  return folder
}

let names = FuzzTarget.all.map(\.name)
guard CommandLine.arguments.count > 1,
  let target = FuzzTarget.all.first(where: { $0.name == CommandLine.arguments[1] })
else {
  print("usage: fuzz TARGET [option of libFuzzer …], where TARGET is one of\n" + names.joined(separator: "\n"))
  exit(64)
}
Fuzzed.target = target
Fuzzed.folder = try target.makeFolder()
let options = Array(CommandLine.arguments.dropFirst(2))
// If an input file is named, it is read once, without the corpus.
let isReplay = options.contains { !$0.hasPrefix("-") }
let arguments = [CommandLine.arguments[0]] + options + (isReplay ? [] : [try corpus(of: target)])
var count = CInt(arguments.count)
var pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = .allocate(capacity: arguments.count + 1)
for (i, argument) in arguments.enumerated() { pointers?[i] = strdup(argument) }
pointers?[arguments.count] = nil
let status = LLVMFuzzerRunDriver(&count, &pointers) { data, size in
  let input = Array(UnsafeBufferPointer(start: data, count: size))
  _ = Fuzzed.target?.refusal(of: input, in: Fuzzed.folder)
  return 0
}
try? FileManager.default.removeItem(atPath: Fuzzed.folder)
exit(status)
