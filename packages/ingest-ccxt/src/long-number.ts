/**
 * True when 16 digits follow each other somewhere in a text; shorter numbers fit a double. Of so many digits every 16th
 * character of the text is one, so that few characters are looked at.
 */
export function hasLongNumber(text: string): boolean {
  for (let at = 15; at < text.length; at += 16) {
    if (!isDigit(text, at)) continue
    let [first, last] = [at, at]
    while (isDigit(text, first - 1)) first -= 1
    while (isDigit(text, last + 1)) last += 1
    if (last - first >= 15) return true
  }
  return false
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 48 && code <= 57
}
