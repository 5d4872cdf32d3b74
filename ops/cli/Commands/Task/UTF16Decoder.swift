/// UTF-16 to UTF-8, piece by piece.
struct UTF16Decoder {
    private let isBigEndian: Bool
    /// An odd byte, or the first half of a surrogate pair, that waits for the next piece.
    private var pending: [UInt8] = []

    init(isBigEndian: Bool) { self.isBigEndian = isBigEndian }

    /// The byte order that the first bytes of a text show, by its mark or by the zeros of ASCII characters.
    ///
    /// - Returns: nil if it is no UTF-16, and else how many bytes the mark takes.
    static func detect(_ head: [UInt8]) -> (isBigEndian: Bool, mark: Int)? {
        if head.starts(with: [0xFF, 0xFE]) { return (false, 2) }
        if head.starts(with: [0xFE, 0xFF]) { return (true, 2) }
        let start = head.prefix(4)
        guard start.count == 4 else { return nil }
        switch start.map({ $0 == 0 }) {
        case [false, true, false, true]: return (false, 0)
        case [true, false, true, false]: return (true, 0)
        default: return nil
        }
    }

    /// - Returns: nil if a surrogate stands alone.
    mutating func decode(_ bytes: [UInt8]) -> [UInt8]? {
        let all = pending + bytes
        var units: [UInt16] = []
        units.reserveCapacity(all.count / 2)
        for index in stride(from: 0, to: all.count - 1, by: 2) {
            let (first, second) = (UInt16(all[index]), UInt16(all[index + 1]))
            units.append(isBigEndian ? first << 8 | second : second << 8 | first)
        }
        var kept = all.count % 2
        if let last = units.last, 0xD800...0xDBFF ~= last {
            units.removeLast()
            kept += 2
        }
        pending = Array(all.suffix(kept))
        var output: [UInt8] = []
        output.reserveCapacity(units.count)
        let hasError = transcode(
            units.makeIterator(), from: UTF16.self, to: UTF8.self, stoppingOnError: true, into: { output.append($0) })
        return hasError ? nil : output
    }

    /// Whether the text may end here.
    var isComplete: Bool { pending.isEmpty }
}
