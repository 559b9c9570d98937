import TestSupport
import Testing

@testable import DescentData

@Suite struct NPYArrayTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  static let arrays = [
    NPYArray(.float([1.5, -2, .infinity, 0, .leastNonzeroMagnitude, 3]), shape: [2, 3]),
    NPYArray(.double([.pi]), shape: []),
    NPYArray(.bytes([0, 255, 7]), shape: [3]),
    NPYArray(.int32([.min, .max]), shape: [1, 2, 1]),
    NPYArray(.int64([.min, .max, 0]), shape: [3, 1]),
    NPYArray(.float([]), shape: [0, 5]),
  ]

  @Test(arguments: arrays) func whatIsWrittenIsRead(_ array: NPYArray) throws {
    let path = folder.path("a.npy")
    try array.write(to: path)
    #expect(try NPYArray(contentsOf: path) == array)
  }

  /// numpy.save(f, numpy.arange(3, dtype="<i4").reshape(1, 3)), byte for byte.
  @Test func bytesAreThoseOfNumPy() throws {
    let header = "{'descr': '<i4', 'fortran_order': False, 'shape': (1, 3), }"
    let expected =
      [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0]
      + Array((header + String(repeating: " ", count: 117 - header.utf8.count) + "\n").utf8)
      + [0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0]
    let path = try folder.write(expected, "numpy.npy")
    #expect(try NPYArray(contentsOf: path) == NPYArray(.int32([0, 1, 2]), shape: [1, 3]))
  }

  private func file(version: UInt8 = 1, _ dictionary: String, body: Int) -> [UInt8] {
    let text = Array((dictionary + "\n").utf8)
    let length = [UInt8(text.count % 256), UInt8(text.count / 256)] + (version == 1 ? [] : [0, 0])
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + text + [UInt8](repeating: 1, count: body)
  }

  @Test(arguments: [1, 2, 3] as [UInt8]) func allVersionsAreRead(version: UInt8) throws {
    let bytes = file(version: version, "{\"shape\":(2,), 'fortran_order': False, 'descr': '|u1'}", body: 2)
    #expect(try NPYArray(contentsOf: folder.write(bytes, "a")) == NPYArray(.bytes([1, 1]), shape: [2]))
  }

  @Test func badFilesAreRefused() throws {
    func kind(_ bytes: [UInt8]) throws -> String? {
      let path = try folder.write(bytes, "bad.npy")
      return problem { _ = try NPYArray(contentsOf: path) }?.kind
    }
    let good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }"
    #expect(try kind(file(good, body: 16)) == nil)
    #expect(try kind(file(good, body: 15)) == "truncated")
    #expect(try kind(file(good, body: 17)) == "oversized")
    #expect(try kind([]) == "wrongMagic")
    #expect(try kind(Array("not an array".utf8)) == "wrongMagic")
    #expect(try kind([0x93] + Array("NUMPY".utf8)) == "truncated")
    #expect(try kind(file(version: 4, good, body: 16)) == "malformedHeader")
    for dictionary in [
      "{'descr': '>f4', 'fortran_order': False, 'shape': (2, 2), }",
      "{'descr': '|O', 'fortran_order': False, 'shape': (2, 2), }",
      "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 2), }",
      "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, -2), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 2), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2",
      "{'descr': '<f4', 'fortran_order': False}", "{", "",
    ] {
      #expect(try kind(file(dictionary, body: 16)) == "malformedHeader", "\(dictionary)")
    }
    // 2^40 elements in a file of 100 bytes.
    #expect(
      try kind(file("{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776,), }", body: 8)) == "truncated")
  }

  /// Each kind of header that NumPy refuses, made by changing good ones (Scripts/compare-headers.py).
  @Test(arguments: [
    // The shape.
    "{'descr': '<f4', 'fortran_order': False, 'shape': (1 2,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': [2,]}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2,,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (,2)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (02,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (L2,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2LL,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (+2,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2.0,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': ('2',)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2,]}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': 2}", "{'descr': '<f4', 'fortran_order': False, 'shape': (,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (1,2 1,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2,}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)) }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (\(String(repeating: "1, ", count: 65))2)}",
    // The order.
    "{'descr': '<f4', 'fortran_order': Falsehood, 'shape': (2,)}",
    "{'descr': '<f4', 'fortran_order': 'False', 'shape': (2,)}",
    "{'descr': '<f4', 'fortran_order': false, 'shape': (2,)}", "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}",
    "{'descr': '<f4', 'fortran_order': Falsely, 'shape': (2,)}", "{'descr': '<f4', 'fortran_order': , 'shape': (2,)}",
    "{'descr': '<f4', 'fortran_order': Truth, 'shape': (2,)}", "{'descr': '<f4', 'fortran_order': None, 'shape': (2,)}",
    // The dictionary.
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)", "'descr': '<f4', 'fortran_order': False, 'shape': (2,)}",
    "{{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x",
    "{'descr': '<f4' 'fortran_order': False, 'shape': (2,)}",
    "{'descr': '<f4', 'fortran_order' False, 'shape': (2,)}",
    "{'descr': '<f4',, 'fortran_order': False, 'shape': (2,)}",
    "{, 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x': 1}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\u{0}",
    "('descr': '<f4', 'fortran_order': False, 'shape': (2,))",
    "x{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2,) 'x'}",
    "{'xdescr': '<f4', 'fortran_order': False, 'shape': (2,)}",
    "{'descr: '<f4', 'fortran_order': False, 'shape': (2,)}",
    "{\"descr': '<f4', 'fortran_order': False, 'shape': (2,)}", "{descr: '<f4', 'fortran_order': False, 'shape': (2,)}",
    // The type.
    "{'descr': '<f4, 'fortran_order': False, 'shape': (2,)}", "{'descr': <f4, 'fortran_order': False, 'shape': (2,)}",
    "{'descr': '<f4 ', 'fortran_order': False, 'shape': (2,)}",
    "{'descr': '<f4\\n', 'fortran_order': False, 'shape': (2,)}",
  ]) func whatNumPyRefusesIsRefused(dictionary: String) throws {
    let path = try folder.write(file(dictionary, body: 8), "a.npy")
    #expect(problem { _ = try NPYArray(contentsOf: path) }?.kind == "malformedHeader")
  }

  @Test(arguments: [
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }",
    "{\"descr\":\"<f4\",\"shape\":(2,),'fortran_order':True}",
    " { 'descr' : '<f4' ,\n'fortran_order'\t: False , 'shape' : ( 2 , ) , } ",
    "{'descr':'<f4','fortran_order':False,'shape':(2L,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (1,2,1,)}",
  ]) func whatNumPyReadsIsRead(dictionary: String) throws {
    let array = try NPYArray(contentsOf: folder.write(file(dictionary, body: 8), "a.npy"))
    #expect(array.elements.count == 2)
  }

  /// Python 2, which wrote 2L, had versions 1 and 2 of the format.
  @Test func longNumbersEndWithPython2() throws {
    let dictionary = Array("{'descr':'<f4','fortran_order':False,'shape':(2L,)}".utf8)
    func path(_ version: UInt8) throws -> String {
      let start: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, version, 0, UInt8(dictionary.count), 0, 0, 0]
      return try folder.write(start + dictionary + Array(repeating: 0, count: 8), "\(version).npy")
    }
    #expect(try NPYArray(contentsOf: path(2)).elements.count == 2)
    let third = try path(3)
    #expect(problem { _ = try NPYArray(contentsOf: third) }?.kind == "malformedHeader")
  }

  @Test func versionsThatNumPyRefusesAreRefused() throws {
    var bytes = file("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", body: 8)
    bytes[7] = 1
    let path = try folder.write(bytes, "a.npy")
    #expect(problem { _ = try NPYArray(contentsOf: path) }?.kind == "malformedHeader")
  }

  /// 891 million spaces in a file of 900,000 bytes are not unfolded.
  @Test func aHeaderIsNotReadBeforeItsLengthIsChecked() throws {
    let start: [UInt8] = [0x93] + Array("NUMPY".utf8) + [2, 0]
    let length = 891_000_000
    let bytes = start + (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    let path = try folder.write(gzip(bytes + [UInt8](repeating: 32, count: 900 * 1032)), "a.npy")
    guard case .malformedHeader(let reason) = problem({ _ = try NPYArray(contentsOf: path) }) else {
      throw Unexpected()
    }
    #expect(reason.contains("891000000 bytes"))
  }

  @Test func aFolderThatIsNotThereIsNamed() {
    let path = folder.path("no/such/folder/a.npy")
    #expect(problem { try Self.arrays[0].write(to: path) }?.kind == "unwritable")
  }
}
