// Three workers step copies of the same parameters, each by noisy gradients of its own. A step of Signum says one sign for
// each parameter, and moves by the majority's (signSGD with majority vote, Bernstein et al. 2018).

import Descent
import Foundation

/// Where the workers of this process meet: each waits until all have spoken.
final class Meeting: @unchecked Sendable {
  private let condition = NSCondition()
  private var said: [ParameterVector<Float>?]
  private var (sum, round) = (ParameterVector<Float>?.none, 0)
  private var ends: [ParameterVector<Float>] = []

  init(of count: Int) { said = Array(repeating: nil, count: count) }

  /// The sum of what all say in this round, added in the workers' order.
  func sum(with message: ParameterVector<Float>, from worker: Int) -> ParameterVector<Float> {
    condition.lock()
    defer { condition.unlock() }
    let mine = round
    said[worker] = message
    let messages = said.compactMap { $0 }
    if messages.count == said.count {
      sum = messages.dropFirst().reduce(into: messages[0]) { $0.add($1) }
      said = said.map { _ in nil }
      round += 1
      condition.broadcast()
    }
    while round == mine { condition.wait() }
    return sum!
  }

  /// A worker has made its last step.
  func end(at x: ParameterVector<Float>) {
    condition.lock()
    defer { condition.unlock() }
    ends.append(x)
    condition.broadcast()
  }

  /// Where all have ended.
  func waitForAll() -> [ParameterVector<Float>] {
    condition.lock()
    defer { condition.unlock() }
    while ends.count < said.count { condition.wait() }
    return ends
  }
}

struct Worker: Exchange {
  let meeting: Meeting
  let number: Int

  func exchange(_ message: inout ParameterVector<Float>, as kind: Message) {
    message = meeting.sum(with: message, from: number)
    message.withUnsafeMutableElements { x in
      for i in x.indices {
        switch kind {
        case .sign: x[i] = x[i] > 0 ? 1 : x[i] < 0 ? -1 : 0
        case .gradient: x[i] /= 3
        }
      }
    }
  }
}

// f(x) = ½ ‖x‖² in a thousand dimensions, from 1 in each; the noise is up to three times the first gradient.
func train(_ worker: Worker, from start: ParameterVector<Float>) throws -> ParameterVector<Float> {
  var x = start
  var noise = RandomStream(seed: 1, name: "noise").substream(UInt64(worker.number))
  var optimizer = try Optimizer(Signum(learningRate: 0.01), for: x)
  optimizer.exchange = worker
  for _ in 1...200 {
    try optimizer.step(&x, gradient: ParameterVector(x.values.map { $0 + Float(noise.uniform(in: -3..<3)) }))
  }
  return x
}

func value(_ x: ParameterVector<Float>) -> Float { x.values.reduce(0) { $0 + 0.5 * $1 * $1 } }

let start = try ParameterVector<Float>(Array(repeating: 1, count: 1000))
let meeting = Meeting(of: 3)
for number in 0..<3 {
  let worker = Worker(meeting: meeting, number: number)
  Thread.detachNewThread {
    do { meeting.end(at: try train(worker, from: start)) } catch { fatalError("worker \(number): \(error)") }
  }
}
let ends = meeting.waitForAll()
let alone = try train(Worker(meeting: Meeting(of: 1), number: 0), from: start)
print("start: f(x) = \(value(start)); one worker alone: \(value(alone))")
print("three workers, by majority: \(value(ends[0])); they agree: \(ends[1] == ends[0] && ends[2] == ends[0])")
