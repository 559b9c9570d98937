import ArgumentParser
import DescentLab
import Foundation

/// What ``Sweep`` starts: a process that trains trials of a study until it is complete, or standard input ends.
///
/// The other end of standard input is held by the process that started it, so a worker outlives it by no more than a
/// step, however it ended.
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
