import Foundation

/// Names that must be shown and never obeyed. Each breaks out of some language if code looks for that language's marks
/// among characters, because a mark and another scalar can make one character.
enum HostileNames {
  /// Nothing, a scalar that joins the next character, and a scalar that joins the character before.
  static let marks = ["", "\u{0600}", "\u{0301}"]

  static let all = marks.flatMap { mark in
    [
      "a\(mark)'\(mark); system(\"touch pwned\") #", "b\(mark)\"\(mark)\nsystem \"touch pwned\"\n#",
      "c\(mark)`touch pwned`\(mark)$(touch pwned)", "d\(mark)\\\(mark)'\u{0}",
      "e\(mark)</script\(mark)><script>x</script>]]>",
      "f\(mark),\(mark)|\(mark)=1+1", "g \u{1B}[31mred\u{9B}2J\u{7F}\u{202E}\u{2028}\r\n\(mark)% %s %d @x @y",
      "=\(mark)cmd",
      "-\(mark)1+\(mark)1", "$grid\(mark) << e\ne\n", "!touch pwned", "'\(mark)'\(mark)'", "é ü 漢字 🦆 ~",
    ]
  }
}
