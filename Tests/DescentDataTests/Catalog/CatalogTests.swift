import Descent
import Foundation
import Testing

@testable import DescentData

@Suite struct CatalogTests {
  @Test func namesAreOnceAndDescribed() {
    let names = Dataset.available.map(\.name)
    #expect(Set(names).count == names.count && names.contains("digits") && names.first == "digits")
    for info in Dataset.available {
      #expect(!info.summary.isEmpty && !info.size.isEmpty && !info.source.isEmpty && !info.license.isEmpty)
    }
  }

  @Test func unknownNamesAndOptionsSuggestTheNearest() throws {
    func message(_ name: String) -> String {
      do { _ = try Dataset.load(name) } catch { return error.description }
      return ""
    }
    #expect(message("minst").contains("did you mean 'mnist'?"))
    #expect(message("CIFR-10").contains("did you mean 'cifar10'?"))
    #expect(message("").contains("starts with no name") && message("quux").contains("there are: digits"))
    #expect(try Dataset.load("DIGITS:Train=20,test=10").train.count == 20)
    #expect(message("digits:trian=5").contains("did you mean 'train'?"))
    #expect(message("digits:train=0").contains("train=0 is not a whole number from 1"))
    #expect(message("digits:train=x").contains("train=x") && message("digits:seed").contains("option=value"))
    #expect(message("imdb:values=tfidf").contains("one of counts, binary"))
    #expect(message("mnist:a=1").contains("no option 'a'"))
    #expect(message("libsvm").contains("train=FILE") && message("libsvm:train=/no/such").contains("/no/such"))
  }

  /// Tested only on machines with less than 15 GB; others have enough memory.
  @Test func digitsThatNoMemoryHoldsAreRefused() throws {
    guard MemoryBudget.available().bytes < 14_000_000_000 else { return }
    let error = #expect(throws: DataError.self) { try Dataset.load("digits:train=10000000,test=10000000") }
    #expect(error?.description.contains("16 GB of memory are needed") == true)
  }

  @Test func optionsReachTheDigits() throws {
    let set = try Dataset.load("digits:train=30,test=20,seed=9")
    var digits = Digits()
    digits.seed = 9
    digits.trainCount = 30
    digits.testCount = 20
    #expect(set.train.labels == digits.dataset().train.labels && set.test.count == 20)
    #expect(try dense(set.train.all()) == dense(digits.dataset().train.all()))
  }
}
