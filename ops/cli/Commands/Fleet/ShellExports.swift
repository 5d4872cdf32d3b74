/// Reads lines of the form `export NAME=value`, the value bare or quoted the way a shell reads it.
enum ShellExports {
    /// Other lines are passed over: the file is ours, but people may add to it.
    static func parse(_ text: String) -> [String: String] {
        var values: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let assignment = line.drop(while: \.isWhitespace)
            guard assignment.hasPrefix("export ") else { continue }
            let parts = assignment.dropFirst("export ".count).split(separator: "=", maxSplits: 1)
            guard let name = parts.first else { continue }
            values[String(name)] = parts.count == 2 ? unquoted(parts[1]) : ""
        }
        return values
    }

    private static func unquoted(_ text: Substring) -> String {
        var result = ""
        var quote: Character?
        var isEscaped = false
        for character in text {
            if isEscaped {
                result.append(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if character == quote {
                quote = nil
            } else if quote == nil, character == "'" || character == "\"" {
                quote = character
            } else if quote == nil, character.isWhitespace {
                break
            } else {
                result.append(character)
            }
        }
        return result
    }
}
