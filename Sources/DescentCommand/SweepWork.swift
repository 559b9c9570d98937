import ArgumentParser
import DescentLab
import Foundation

/// A process that ``Sweep`` starts: it trains trials until the study is complete or standard input ends.
///
/// The process that started the worker holds the other end of standard input. So a worker outlives that process by one
/// step at most, however the process ended.
struct SweepWork: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "work", abstract: "Train trials of a study until standard input ends.", shouldDisplay: false)

  @Argument(help: ArgumentHelp("File of the study.", valueName: "file"))
  var file: String

  @Option(help: ArgumentHelp("Folder with the data set's files.", valueName: "folder"))
  var dataDir: String?

  func run() throws {
    Interruption.install()
    Thread.detachNewThread {
      var byte: UInt8 = 0
      while true {
        let count = read(STDIN_FILENO, &byte, 1)
        if count > 0 || (count < 0 && errno == EINTR) { continue }
        Interruption.request()
        return
      }
    }
    guard let study = try StudyFile.find(file) else { throw StudyError.missing(file) }
    let isComplete = try StudyWorker(study, dataFolder: dataDir) { Interruption.isRequested }.run()
    if !isComplete { throw ExitCode(130) }
  }
}
