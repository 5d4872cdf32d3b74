/// What stands before a fault: which brackets are open, and what came last.
///
/// Everything before the fault was read without objection, except that the last word may be cut off.
struct JSONPrefix {
    /// The last thing before the fault.
    enum Last: Equatable {
        case nothing
        case opening
        case comma
        case colon
        /// A member's key, with its place between the quotes.
        case key(Range<Int>)
        case string
        /// A number or a word, from its first byte.
        case word(start: Int)
        case closing
    }

    /// Open brackets, the innermost last.
    private(set) var open: [UInt8] = []
    private(set) var last = Last.nothing
    /// Where the string began in which the fault lies; nil if it lies in none.
    private(set) var openString: Int?

    var isInObject: Bool { open.last == UInt8(ascii: "{") }

    /// Whether a key has to come next.
    var expectsKey: Bool { isInObject && (last == .opening || last == .comma) }

    /// Whether a value has to come next.
    var expectsValue: Bool {
        switch last {
        case .nothing, .colon: true
        case .opening, .comma: !isInObject
        case .key, .string, .word, .closing: false
        }
    }

    init(_ bytes: UnsafeBufferPointer<UInt8>, before end: Int) {
        var position = 0
        while position < end {
            let byte = bytes[position]
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                open.append(byte)
                last = .opening
                position += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                _ = open.popLast()
                last = .closing
                position += 1
            case UInt8(ascii: ","):
                last = .comma
                position += 1
            case UInt8(ascii: ":"):
                last = .colon
                position += 1
            case UInt8(ascii: "\""):
                guard let close = Self.closingQuote(bytes, after: position, before: end) else {
                    openString = position
                    return
                }
                last = expectsKey ? .key(position + 1..<close) : .string
                position = close + 1
            default:
                last = .word(start: position)
                while position < end, !Self.endsWord(bytes[position]) { position += 1 }
            }
        }
    }

    private static func closingQuote(_ bytes: UnsafeBufferPointer<UInt8>, after start: Int, before end: Int) -> Int? {
        var position = start + 1
        while position < end {
            switch bytes[position] {
            case UInt8(ascii: "\""): return position
            case UInt8(ascii: "\\"): position += 2
            default: position += 1
            }
        }
        return nil
    }

    /// Whether a number or a word cannot go on with this byte.
    static func endsWord(_ byte: UInt8) -> Bool {
        byte <= 0x20 || #"{}[],:""#.utf8.contains(byte)
    }
}
