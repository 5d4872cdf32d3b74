/// PostgreSQL's numeric to decimal text, exactly.
extension BinaryReader {
    mutating func numeric() throws(PostgresError) -> String {
        let count = Int(try integer(Int16.self))
        let weight = Int(try integer(Int16.self))
        let sign = try integer(UInt16.self)
        let scale = Int(try integer(Int16.self))
        switch sign {
        case 0xC000: return "NaN"
        case 0xD000: return "Infinity"
        case 0xF000: return "-Infinity"
        case 0, 0x4000: break
        default: throw PostgresError(.decoding, "numeric has an unknown sign")
        }
        guard count >= 0, scale >= 0 else { throw PostgresError(.decoding, "numeric is malformed") }

        var groups: [Int16] = []
        groups.reserveCapacity(count)
        for _ in 0..<count {
            let group = try integer(Int16.self)
            guard (0...9999).contains(group) else { throw PostgresError(.decoding, "numeric is malformed") }
            groups.append(group)
        }
        func group(ofWeight wanted: Int) -> Int16 {
            let index = weight - wanted
            return groups.indices.contains(index) ? groups[index] : 0
        }

        var text: [UInt8] = []
        if sign == 0x4000 { text.append(UInt8(ascii: "-")) }
        if weight < 0 {
            text.append(UInt8(ascii: "0"))
        } else {
            text.append(contentsOf: String(group(ofWeight: weight)).utf8)
            for lower in stride(from: weight - 1, through: 0, by: -1) {
                Self.appendFourDigits(group(ofWeight: lower), to: &text)
            }
        }
        if scale > 0 {
            text.append(UInt8(ascii: "."))
            let end = text.count + scale
            var fraction = -1
            while text.count < end {
                Self.appendFourDigits(group(ofWeight: fraction), to: &text)
                fraction -= 1
            }
            text.removeLast(text.count - end)
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func appendFourDigits(_ group: Int16, to text: inout [UInt8]) {
        for divisor: Int16 in [1000, 100, 10, 1] {
            text.append(UInt8(ascii: "0") + UInt8(group / divisor % 10))
        }
    }
}
