import Descent
import Foundation
import FuzzTargets
import Testing

/// Gives each reader of files and texts ten thousand damaged inputs, always the same. `Fuzzing` gives them more.
@Suite struct DamagedInputTests {
  @Test(arguments: FuzzTarget.all) func isReadOrRefused(target: FuzzTarget) throws {
    let (own, folder) = (try target.makeFolder(), try target.makeFolder())
    defer { for path in [own, folder] { try? FileManager.default.removeItem(atPath: path) } }
    let seeds = try target.seeds(own)
    for seed in seeds { #expect(target.refusal(of: seed, in: folder) == nil) }
    var mutation = Mutation(of: seeds, stream: RandomStream(seed: 1, name: target.name))
    var refused = 0
    for _ in 0..<10_000 {
      guard let refusal = target.refusal(of: mutation.next(), in: folder) else { continue }
      refused += 1
      #expect(!refusal.isEmpty)
    }
    // Readers skip damage in event files and reviews without an error.
    #expect(refused > 1000 || ["events", "imdb-review"].contains(target.name), "\(refused) refused")
  }
}
