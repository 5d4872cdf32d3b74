/// A text in which something is looked for more than once.
struct Passage {
    private let bytes: ArraySlice<UInt8>

    init(_ text: String) {
        bytes = ArraySlice(Array(text.utf8))
    }

    var isEmpty: Bool { bytes.isEmpty }

    /// Whether the text occurs; an empty text does not.
    func contains(_ text: String) -> Bool {
        ByteSearch.first(of: Array(text.utf8), in: bytes, from: bytes.startIndex) != nil
    }

    /// Whether the word occurs with no letter, digit or underscore beside it: `R1` is not in `R12`.
    func names(_ word: String) -> Bool {
        let pattern = Array(word.utf8)
        var position = bytes.startIndex
        while let place = ByteSearch.first(of: pattern, in: bytes, from: position) {
            let end = place + pattern.count
            let isFree = place == bytes.startIndex || !Self.isWordByte(bytes[place - 1])
            if isFree, end == bytes.endIndex || !Self.isWordByte(bytes[end]) { return true }
            position = place + 1
        }
        return false
    }

    /// The line below another one, cut to a number of bytes; empty if there is none.
    func line(below heading: String, _ bytes: Int) -> String {
        guard !heading.isEmpty,
            let place = ByteSearch.first(of: Array(heading.utf8), in: self.bytes, from: self.bytes.startIndex),
            let end = ByteSearch.first(0x0A, in: self.bytes, from: place)
        else { return "" }
        let rest = self.bytes[end...].drop { $0 <= 0x20 }
        return Mark.quoted(String(decoding: rest.prefix { $0 != 0x0A }.prefix(4 * bytes), as: UTF8.self), bytes)
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: byte >= 0x80
        }
    }
}
