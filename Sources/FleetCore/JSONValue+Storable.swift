extension JSONValue {
    /// Why PostgreSQL's `jsonb` cannot hold the value, although it is JSON; nil if it can.
    public var unstorable: String? {
        switch self {
        case .null, .bool: nil
        case .number(let number): number.isStorable ? nil : "must not contain numbers beyond 1e50 or 1e-50"
        case .string(let text): text.unicodeScalars.contains("\0") ? "must not contain NUL characters" : nil
        case .array(let elements): elements.lazy.compactMap(\.unstorable).first
        case .object(let object):
            object.members.lazy.compactMap { member in
                member.key.unicodeScalars.contains("\0") ? "must not contain NUL characters" : member.value.unstorable
            }.first
        }
    }
}

extension JSONNumber {
    /// `jsonb` keeps numbers exactly, and writes them out: `1e50` comes back as 51 digits.
    fileprivate var isStorable: Bool {
        guard text.utf8.count <= 100 else { return false }
        guard let mark = text.utf8.firstIndex(where: { $0 | 0x20 == UInt8(ascii: "e") }) else { return true }
        guard let exponent = Int(text[text.utf8.index(after: mark)...]) else { return false }
        return (-50...50).contains(exponent)
    }
}
