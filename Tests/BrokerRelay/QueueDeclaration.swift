/// `queue.declare` (50, 10).
struct QueueDeclaration {
    var name: String
    /// Passive, durable, exclusive, auto-delete, no-wait, from the lowest bit on.
    private var bits: UInt8
    /// As on the line, without its length.
    private var arguments: [UInt8]

    var isPassive: Bool {
        get { bits & 1 != 0 }
        set { bits = newValue ? bits | 1 : bits & ~1 }
    }
    var isDurable: Bool { bits & 2 != 0 }
    var isExclusive: Bool { bits & 4 != 0 }

    init?(_ frame: Frame) {
        guard frame.isMethod(50, 10) else { return nil }
        var reader = FrameReader(frame.payload.dropFirst(6))
        name = reader.short()
        bits = UInt8(reader.number(1))
        arguments = Array(reader.long())
    }

    var payload: [UInt8] {
        var writer = FrameWriter([0, 50, 0, 10, 0, 0])
        writer.append(short: name)
        writer.append(bits)
        writer.append(long: arguments)
        return writer.bytes
    }

    /// Nil if it is not said.
    var type: String? {
        let key = Array("\u{C}x-queue-typeS".utf8)
        guard let start = arguments.firstRange(of: key) else { return nil }
        var reader = FrameReader(arguments[start.upperBound...])
        return String(decoding: reader.long(), as: UTF8.self)
    }

    mutating func add(type: String) {
        var writer = FrameWriter(arguments)
        writer.append(short: "x-queue-type")
        writer.append(UInt8(ascii: "S"))
        writer.append(long: Array(type.utf8))
        arguments = writer.bytes
    }
}
