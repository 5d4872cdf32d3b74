/// Masks secrets inside free text: messages, errors, values under harmless names.
///
/// It knows the userinfo of URLs, `name=value` and `"name":"value"` with a secret name, `Bearer` and `Basic`
/// credentials, and providers' keys (`sk-...`). A safety net, not a licence to log them.
struct SecretScrubber {
    static let mask = "***"

    private let bytes: [UInt8]
    private var masked: [Range<Int>] = []

    /// The text with what looks secret replaced by ``mask``.
    static func scrub(_ text: String) -> String {
        guard text.utf8.contains(where: isTrigger) else { return text }
        var scrubber = SecretScrubber(bytes: Array(text.utf8))
        scrubber.search()
        return scrubber.masked.isEmpty ? text : scrubber.result()
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private static func isTrigger(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ":"), UInt8(ascii: "="), UInt8(ascii: "-"), UInt8(ascii: " "): true
        default: false
        }
    }

    private mutating func search() {
        var index = 0
        while index < bytes.count {
            let found: Range<Int>? =
                switch bytes[index] {
                case UInt8(ascii: ":"): userinfo(at: index) ?? jsonValue(at: index)
                case UInt8(ascii: "="): assignedValue(at: index)
                case UInt8(ascii: " "): credential(at: index)
                case UInt8(ascii: "-"): providerKey(at: index)
                default: nil
                }
            if let found, !found.isEmpty {
                masked.append(found)
                index = found.upperBound
            } else {
                index += 1
            }
        }
    }

    private func result() -> String {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var position = 0
        for range in masked {
            output.append(contentsOf: bytes[position..<max(position, range.lowerBound)])
            output.append(contentsOf: Self.mask.utf8)
            position = range.upperBound
        }
        output.append(contentsOf: bytes[position...])
        return String(decoding: output, as: UTF8.self)
    }

    /// `user:password` in `scheme://user:password@host`. A password with an unescaped slash is covered too; the price
    /// is that a URL with a port and an `@` in its path loses its host.
    private func userinfo(at colon: Int) -> Range<Int>? {
        let start = colon + 3
        guard bytes[colon...].starts(with: "://".utf8), start < bytes.count else { return nil }
        let end = bytes[start...].firstIndex(where: Self.endsText) ?? bytes.count
        let authorityEnd = bytes[start..<end].firstIndex(where: Self.endsAuthority) ?? end
        let authority = bytes[start..<authorityEnd]
        let at =
            authority.lastIndex(of: UInt8(ascii: "@"))
            ?? (authority.contains(UInt8(ascii: ":")) ? bytes[start..<end].lastIndex(of: UInt8(ascii: "@")) : nil)
        return at.map { start..<$0 }
    }

    /// The value in `password=value`, `password='a value'` and in query strings.
    private func assignedValue(at equals: Int) -> Range<Int>? {
        let name = bytes[..<equals].suffix(64)
        let nameStart = (name.lastIndex { !Self.isNamePart($0) }).map { $0 + 1 } ?? name.startIndex
        let value = valueRange(from: equals + 1)
        guard nameStart < equals, SecretName.covers(bytes[nameStart..<equals], value: bytes[value]) else { return nil }
        return value
    }

    /// The value in `"password":"value"`.
    private func jsonValue(at colon: Int) -> Range<Int>? {
        let quote = UInt8(ascii: "\"")
        guard colon > 1, bytes[colon - 1] == quote,
            let open = bytes[..<(colon - 1)].suffix(64).lastIndex(of: quote)
        else { return nil }
        let start = bytes[(colon + 1)...].firstIndex { $0 != UInt8(ascii: " ") } ?? bytes.count
        let value = valueRange(from: start)
        return SecretName.covers(bytes[(open + 1)..<(colon - 1)], value: bytes[value]) ? value : nil
    }

    private func valueRange(from start: Int) -> Range<Int> {
        guard start < bytes.count else { return bytes.count..<bytes.count }
        let quote = bytes[start]
        guard quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
            return start..<(bytes[start...].firstIndex(where: Self.endsValue) ?? bytes.count)
        }
        var end = start + 1
        while end < bytes.count, bytes[end] != quote { end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1 }
        return (start + 1)..<max(start + 1, min(end, bytes.count))
    }

    /// What follows `Bearer ` or `Basic `.
    private func credential(at space: Int) -> Range<Int>? {
        let scheme = bytes[..<space].suffix(6).map { $0 | 0x20 }
        guard scheme.elementsEqual("bearer".utf8) || scheme.suffix(5).elementsEqual("basic".utf8) else { return nil }
        let start = space + 1
        let end = bytes[start...].firstIndex(where: Self.endsValue) ?? bytes.count
        // "basic check" is prose; credentials are longer.
        return end - start >= 12 ? start..<end : nil
    }

    /// What follows `sk-` at the start of a word.
    private func providerKey(at dash: Int) -> Range<Int>? {
        guard dash >= 2, bytes[(dash - 2)..<dash].elementsEqual("sk".utf8),
            dash == 2 || !SecretName.isAlphanumeric(bytes[dash - 3])
        else { return nil }
        let end = bytes[(dash + 1)...].firstIndex { !Self.isNamePart($0) } ?? bytes.count
        return end - dash > 16 ? (dash + 1)..<end : nil
    }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        SecretName.isAlphanumeric(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }

    private static func endsText(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "<") || byte == UInt8(ascii: ">")
    }

    private static func endsAuthority(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
    }

    private static func endsValue(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "&"), UInt8(ascii: ";"), UInt8(ascii: ","), UInt8(ascii: ")"), UInt8(ascii: "}"): true
        default: endsText(byte)
        }
    }
}
