/// One AMQP 0-9-1 frame as it goes over the line: type, channel, size, payload, end mark.
struct Frame {
    var type: UInt8
    var channel: UInt16
    var payload: [UInt8]

    static let method: UInt8 = 1
    private static let end: UInt8 = 0xCE

    /// Class and method of a method frame; nil for others.
    var method: (UInt16, UInt16)? {
        guard type == Self.method, payload.count >= 4 else { return nil }
        return (UInt16(payload[0]) << 8 | UInt16(payload[1]), UInt16(payload[2]) << 8 | UInt16(payload[3]))
    }

    func isMethod(_ classID: UInt16, _ methodID: UInt16) -> Bool {
        method.map { $0 == (classID, methodID) } ?? false
    }

    var bytes: [UInt8] {
        var writer = FrameWriter()
        writer.append(type)
        writer.append(channel)
        writer.append(UInt32(payload.count))
        return writer.bytes + payload + [Self.end]
    }

    /// Takes the whole frames off the front of what has arrived.
    static func take(from pending: inout [UInt8]) -> [Frame] {
        var frames: [Frame] = []
        var offset = 0
        while pending.count - offset >= 8 {
            let size = pending[offset + 3..<offset + 7].reduce(0) { $0 << 8 | Int($1) }
            guard pending.count - offset >= size + 8 else { break }
            frames.append(
                Frame(
                    type: pending[offset], channel: UInt16(pending[offset + 1]) << 8 | UInt16(pending[offset + 2]),
                    payload: Array(pending[offset + 7..<offset + 7 + size])))
            offset += size + 8
        }
        pending.removeFirst(offset)
        return frames
    }
}

/// Writes the protocol's numbers and strings.
struct FrameWriter {
    private(set) var bytes: [UInt8]

    init(_ bytes: [UInt8] = []) { self.bytes = bytes }

    mutating func append<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func append(short text: String) {
        append(UInt8(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func append(long text: [UInt8]) {
        append(UInt32(text.count))
        bytes.append(contentsOf: text)
    }
}

/// Reads them; what is not there reads as nothing.
struct FrameReader {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func take(_ count: Int) -> ArraySlice<UInt8> {
        let part = rest.prefix(count)
        rest = rest.dropFirst(count)
        return part
    }

    mutating func number(_ count: Int) -> Int { take(count).reduce(0) { $0 << 8 | Int($1) } }

    mutating func short() -> String { String(decoding: take(number(1)), as: UTF8.self) }

    mutating func long() -> ArraySlice<UInt8> { take(number(4)) }
}
