/// Says of a name (metadata key, query parameter, header) whether its value is a secret.
enum SecretName {
    /// Secret wherever they stand in a name, whatever separates their words.
    private static let fragments: [[UInt8]] = [
        "password", "passwd", "passphrase", "secret", "apikey", "accesskey", "privatekey", "authorization",
        "credential", "cookie", "signature",
    ].map { Array($0.utf8) }

    /// Secret as a whole word only: `token` but not `input_tokens`.
    private static let words: [[UInt8]] = ["jwt", "pwd", "bearer"].map { Array($0.utf8) }
    private static let token = Array("token".utf8)

    /// Whether the value must not be shown. A token that is a number is a count.
    static func covers(_ name: some Collection<UInt8>, value: some Collection<UInt8>) -> Bool {
        var letters: [UInt8] = []
        letters.reserveCapacity(name.count)
        var starts = [0]
        var previous: UInt8 = 0
        var beforePrevious: UInt8 = 0
        for byte in name {
            if isAlphanumeric(byte) {
                // `apiKey`: a capital after a small letter starts a word.
                if isUppercase(byte), previous != 0, !isUppercase(previous), letters.count > starts[starts.count - 1] {
                    starts.append(letters.count)
                } else if !isUppercase(byte), isUppercase(previous), isUppercase(beforePrevious) {
                    // `APIToken`: the last capital of a row belongs to the next word.
                    starts.append(letters.count - 1)
                }
                letters.append(isUppercase(byte) ? byte | 0x20 : byte)
                beforePrevious = previous
                previous = byte
            } else {
                if letters.count > starts[starts.count - 1] { starts.append(letters.count) }
                previous = 0
                beforePrevious = 0
            }
        }
        if fragments.contains(where: { contains(letters, $0) }) { return true }
        for (index, start) in starts.enumerated() {
            let word = letters[start..<(index + 1 < starts.count ? starts[index + 1] : letters.count)]
            if words.contains(where: { word.elementsEqual($0) }) { return true }
            if word.elementsEqual(token), !isCount(value) { return true }
        }
        return false
    }

    private static func isCount(_ value: some Collection<UInt8>) -> Bool {
        // A credential of digits only is longer than any count.
        !value.isEmpty && value.count <= 15 && value.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func contains(_ text: [UInt8], _ fragment: [UInt8]) -> Bool {
        guard text.count >= fragment.count else { return false }
        for start in 0...(text.count - fragment.count) where text[start] == fragment[0] {
            if text[start..<(start + fragment.count)].elementsEqual(fragment) { return true }
        }
        return false
    }

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isUppercase(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isUppercase(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }
}
