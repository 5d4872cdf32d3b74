/// A key as somebody presses it.
enum TopKey: Sendable, Equatable {
    case up, down, left, right, tab, backTab, enter, escape, backspace, interrupt
    case character(Character)
}

/// Makes keys of the bytes that a terminal sends. What it does not know it drops.
struct TopKeyParser {
    private static let escape: UInt8 = 0x1B
    private var pending: [UInt8] = []

    /// - Parameter bytes: none: nothing more came for a moment, and an escape that stands alone is the key.
    mutating func take(_ bytes: [UInt8]) -> [TopKey] {
        pending += bytes
        var keys: [TopKey] = []
        while let first = pending.first {
            guard let (key, count) = first == Self.escape ? sequence(isOver: bytes.isEmpty) : plain(first) else {
                break
            }
            pending.removeFirst(count)
            if let key { keys.append(key) }
        }
        // A character that never gets whole.
        if bytes.isEmpty { pending = [] }
        return keys
    }

    /// Nil: more has to come.
    private func sequence(isOver: Bool) -> (TopKey?, Int)? {
        guard pending.count > 1 else { return isOver ? (.escape, 1) : nil }
        guard pending[1] == UInt8(ascii: "[") || pending[1] == UInt8(ascii: "O") else { return (.escape, 1) }
        guard let end = pending.dropFirst(2).firstIndex(where: { (0x40...0x7E).contains($0) }) else {
            return isOver ? (nil, pending.count) : nil
        }
        let key: TopKey? =
            switch pending[end] {
            case UInt8(ascii: "A"): .up
            case UInt8(ascii: "B"): .down
            case UInt8(ascii: "C"): .right
            case UInt8(ascii: "D"): .left
            case UInt8(ascii: "Z"): .backTab
            default: nil
            }
        return (key, end + 1)
    }

    private func plain(_ first: UInt8) -> (TopKey?, Int)? {
        switch first {
        case 0x03, 0x04: return (.interrupt, 1)
        case 0x09: return (.tab, 1)
        case 0x0A, 0x0D: return (.enter, 1)
        case 0x08, 0x7F: return (.backspace, 1)
        case ..<0x20: return (nil, 1)
        default: break
        }
        let length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 0
        guard length > 0 else { return (nil, 1) }
        guard pending.count >= length else { return nil }
        guard let character = String(validating: pending.prefix(length), as: UTF8.self)?.first else { return (nil, 1) }
        return (.character(character), length)
    }
}
