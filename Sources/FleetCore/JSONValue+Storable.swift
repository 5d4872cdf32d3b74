import JSON

extension JSONValue {
    /// Why PostgreSQL's `jsonb` cannot hold the value, although it is JSON; nil if it can.
    package var unstorable: String? {
        switch self {
        case .null, .bool: break
        case .number(let number): if !number.isStorable { return "must not contain numbers beyond 1e50 or 1e-50" }
        case .string(let text): if text.utf8.contains(0) { return Self.hasNUL }
        case .array(let elements):
            for element in elements { if let reason = element.unstorable { return reason } }
        case .object(let object):
            for member in object.members {
                if member.key.utf8.contains(0) { return Self.hasNUL }
                if let reason = member.value.unstorable { return reason }
            }
        }
        return nil
    }

    private static let hasNUL = "must not contain NUL characters"
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
