import Foundation
import Testing

@testable import DescentLab

@Suite struct DatasetCacheTests {
  @Test func whitensWhatIsDense() throws {
    var cache = DatasetCache()
    let plain = try cache.load("digits:train=300,test=50", from: nil)
    let white = try cache.load("digits:train=300,test=50,whiten=0.1", from: nil)
    #expect(white.inputShape == plain.inputShape && white.train.labels == plain.train.labels)
    #expect(white.test.count == 50)
    guard case .dense(let values, _) = white.train.all().inputs else { throw CocoaError(.coderInvalidValue) }
    #expect(abs(values.reduce(0.0) { $0 + Double($1) } / Double(values.count)) < 1e-4)
    #expect(values.allSatisfy { $0.isFinite })
    for text in ["0", "-1", "x"] {
      #expect(
        throws: RunError.invalidOption("whiten of --data", value: text, allowed: "a positive number, such as 0.1")
      ) {
        try cache.load("digits:whiten=\(text)", from: nil)
      }
    }
  }
}
