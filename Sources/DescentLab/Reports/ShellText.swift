/// `text` as a shell takes it for one word.
public func shellQuoted(_ text: String) -> String {
  let scalars = text.unicodeScalars
  // zsh takes a word that begins with an equals sign for the path of a command.
  if !text.isEmpty, scalars.first != "=", scalars.allSatisfy(isPlain) { return text }
  guard scalars.contains(where: \.isObeyed) else {
    return "'" + text.replacingScalars { $0 == "'" ? "'\\''" : nil } + "'"
  }
  // The form in which bytes may be written by their numbers, of bash, zsh and POSIX 2024: a terminal obeys nothing in it,
  // and it is the same word when it is pasted.
  let escaped = text.replacingScalars { scalar in
    if scalar == "'" || scalar == "\\" { return "\\\(scalar)" }
    guard scalar.isObeyed else { return nil }
    return String(scalar).utf8.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
  return "$'\(escaped)'"
}

/// Whether no shell gives the scalar a meaning of its own within a word.
private func isPlain(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar {
  case "a"..."z", "A"..."Z", "0"..."9", "/", ".", "_", "-", "+", "=", ",", ":", "@", "%": true
  default: false
  }
}
