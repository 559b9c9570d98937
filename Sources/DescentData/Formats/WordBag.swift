/// Counts the words of one text after the other.
///
/// The text is split into words as for `imdb.vocab`: in lower case; letters joined by inner apostrophes and hyphens are
/// one word (`don't`, `sci-fi`); a final `'s` is dropped (`film's` is `film`); a string with a digit is not a word;
/// `!`, `?` and faces such as `:-)` are words if the vocabulary has them; `<br />` is a space. This gives the published
/// counts (`labeledBow.feat`), and the counts fall in the vocabulary's order.
struct WordBag {
  private let vocabulary: Vocabulary
  private let values: IMDB.Values
  private var counts: [Int32]
  private var seen: [Int32] = []

  init(_ vocabulary: Vocabulary, values: IMDB.Values) {
    self.vocabulary = vocabulary
    self.values = values
    counts = Array(repeating: 0, count: vocabulary.count)
  }

  /// Appends the words of `text` (UTF-8; changed to lower case) with their counts, and returns the number of words.
  mutating func count(_ text: inout [UInt8], columns: inout [Int32], values: inout [Float]) -> Int {
    text.withUnsafeMutableBufferPointer { text in
      Self.bytes.withUnsafeBufferPointer { bytes in
        normalize(text, bytes)
        scan(UnsafeBufferPointer(text), bytes)
      }
    }
    seen.sort()
    columns += seen
    for word in seen {
      values.append(self.values == .counts ? Float(counts[Int(word)]) : 1)
      counts[Int(word)] = 0
    }
    defer { seen.removeAll(keepingCapacity: true) }
    return seen.count
  }

  private mutating func add(_ word: Int32) {
    if counts[Int(word)] == 0 { seen.append(word) }
    counts[Int(word)] += 1
  }

  /// The kind of a byte. It is looked up in a table, not tested, because there are 65 million bytes.
  private struct Byte {
    enum Kind { case letter, digit, joint, other }
    var kind: Kind
    var lower: UInt8
  }

  private static let bytes: [Byte] = (0...255).map { (byte: UInt8) in
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): Byte(kind: .letter, lower: byte + 32)
    case UInt8(ascii: "a")...UInt8(ascii: "z"), 128...255: Byte(kind: .letter, lower: byte)
    case UInt8(ascii: "0")...UInt8(ascii: "9"): Byte(kind: .digit, lower: byte)
    case UInt8(ascii: "'"), UInt8(ascii: "-"): Byte(kind: .joint, lower: byte)
    default: Byte(kind: .other, lower: byte)
    }
  }

  /// Lower case for ASCII and Latin-1, spaces for line breaks and for punctuation beyond ASCII.
  private func normalize(_ text: UnsafeMutableBufferPointer<UInt8>, _ bytes: UnsafeBufferPointer<Byte>) {
    let space = UInt8(ascii: " ")
    var i = 0
    while i < text.count {
      let byte = text[i]
      if byte == UInt8(ascii: "<"), i + 1 < text.count, text[i + 1] == UInt8(ascii: "b") {
        let end = text[i..<min(i + 8, text.count)].firstIndex(of: UInt8(ascii: ">")) ?? i
        for j in i...end { text[j] = space }
      } else if byte < 128 {
        text[i] = bytes[Int(byte)].lower
      } else if i + 1 < text.count, text[i + 1] >= 128 {
        switch (byte, text[i + 1]) {
        case (0xC2, _), (0xC3, 0x97), (0xC3, 0xB7):
          text[i] = space
          text[i + 1] = space
        case (0xC3, 0x80...0x9E): text[i + 1] += 32
        case (0xE2, _):
          for j in i..<min(i + 3, text.count) where text[j] >= 128 { text[j] = space }
        default: break
        }
      }
      i += 1
    }
  }

  private mutating func scan(_ text: UnsafeBufferPointer<UInt8>, _ bytes: UnsafeBufferPointer<Byte>) {
    var i = 0
    while i < text.count {
      let start = i
      var end = i
      var hasDigit = false
      word: while i < text.count {
        switch bytes[Int(text[i])].kind {
        case .letter: end = i + 1
        case .digit:
          end = i + 1
          hasDigit = true
        case .joint: if end == start { break word }
        case .other: break word
        }
        i += 1
      }
      // Apostrophes and hyphens after the word are scanned again: they may begin a face.
      i = end
      if end == start {
        let symbol = vocabulary.symbol(at: UnsafeBufferPointer(rebasing: text[start...]))
        if let symbol { add(symbol.number) }
        i += symbol?.length ?? 1
      } else if !hasDigit {
        if end - start > 2, text[end - 1] == UInt8(ascii: "s"), text[end - 2] == UInt8(ascii: "'") { end -= 2 }
        if let word = vocabulary.number(of: UnsafeBufferPointer(rebasing: text[start..<end])) { add(word) }
      }
    }
  }
}
