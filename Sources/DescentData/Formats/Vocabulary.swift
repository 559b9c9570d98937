import Foundation

/// A list of words that finds a word by its bytes, without making a string: the 12 million words of IMDB's reviews are
/// looked up one by one.
struct Vocabulary: Sendable {
  let count: Int
  private let bytes: [UInt8]
  private let starts: [Int]
  /// A hash table with open addressing: the number of a word, or −1.
  private let slots: [Int32]
  /// For each punctuation mark, the words that begin with it, such as `!` and `:-)`, longest first.
  private let symbols: [[Int32]]

  init(_ words: [[UInt8]]) {
    var starts = [0]
    var slots = [Int32](repeating: -1, count: 16)
    while slots.count < 4 * words.count { slots += slots }
    var symbols = [[Int32]](repeating: [], count: 256)
    for (number, word) in words.enumerated() {
      starts.append(starts[number] + word.count)
      var slot = word.withUnsafeBufferPointer { Self.hash($0) } & (slots.count - 1)
      while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = Int32(number)
      if let first = word.first, first < 128, !(Character(UnicodeScalar(first)).isLetter || (48...57).contains(first)) {
        symbols[Int(first)].append(Int32(number))
      }
    }
    count = words.count
    bytes = Array(words.joined())
    self.symbols = symbols.map { $0.sorted { words[Int($0)].count > words[Int($1)].count } }
    (self.starts, self.slots) = (starts, slots)
  }

  /// The number of `word`, or nil if it is not in the list.
  func number(of word: UnsafeBufferPointer<UInt8>) -> Int32? {
    slots.withUnsafeBufferPointer { slots in
      var slot = Self.hash(word) & (slots.count - 1)
      while slots[slot] >= 0 {
        let start = starts[Int(slots[slot])]
        let length = starts[Int(slots[slot]) + 1] - start
        if length == word.count, isEqual(word.baseAddress!, start, length) { return slots[slot] }
        slot = (slot + 1) & (slots.count - 1)
      }
      return nil
    }
  }

  /// The longest word of punctuation at the beginning of `text`.
  func symbol(at text: UnsafeBufferPointer<UInt8>) -> (number: Int32, length: Int)? {
    guard let first = text.first else { return nil }
    for number in symbols[Int(first)] {
      let start = starts[Int(number)]
      let length = starts[Int(number) + 1] - start
      if length <= text.count, isEqual(text.baseAddress!, start, length) { return (number, length) }
    }
    return nil
  }

  private func isEqual(_ text: UnsafePointer<UInt8>, _ start: Int, _ length: Int) -> Bool {
    bytes.withUnsafeBufferPointer { memcmp(text, $0.baseAddress! + start, length) == 0 }
  }

  /// The hash function FNV-1a.
  private static func hash(_ word: UnsafeBufferPointer<UInt8>) -> Int {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    var i = 0
    while i < word.count {
      hash = (hash ^ UInt64(word[i])) &* 0x100_0000_01B3
      i += 1
    }
    return Int(truncatingIfNeeded: hash ^ (hash >> 32))
  }
}
