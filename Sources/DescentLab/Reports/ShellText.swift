/// `text` quoted so that a shell reads it as one word.
public func shellQuoted(_ text: String) -> String {
  let scalars = text.unicodeScalars
  // zsh replaces a word that begins with an equals sign by the path of a command.
  if !text.isEmpty, scalars.first != "=", scalars.allSatisfy(isPlain) { return text }
  guard scalars.contains(where: \.isObeyed) else {
    return "'" + text.replacingScalars { $0 == "'" ? "'\\''" : nil } + "'"
  }
  // In this form of quotes (bash, zsh, POSIX 2024) bytes may be written as numbers. So a terminal obeys nothing in the
  // text, and when it is pasted, it gives the same word.
  let escaped = text.replacingScalars { scalar in
    if scalar == "'" || scalar == "\\" { return "\\\(scalar)" }
    guard scalar.isObeyed else { return nil }
    return String(scalar).utf8.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
  return "$'\(escaped)'"
}

/// Whether the scalar has no special meaning within a word in any shell.
private func isPlain(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar {
  case "a"..."z", "A"..."Z", "0"..."9", "/", ".", "_", "-", "+", "=", ",", ":", "@", "%": true
  default: false
  }
}
