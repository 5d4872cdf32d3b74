/// One event of an event stream.
struct SSEEvent: Sendable, Equatable {
    /// The `event` field; empty if there was none.
    var name: String
    /// The `data` lines, joined with line feeds.
    var data: [UInt8]
}

/// Why a byte stream is no event stream that we are willing to read.
struct SSEError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The largest line and the largest event, in bytes.
    let limit: Int

    var description: String { "an event is longer than \(limit) bytes" }
}

/// Incremental parser of `text/event-stream` (HTML standard, section 9.2.6). Takes any split of the bytes.
///
/// An event that is not closed by an empty line is reported only by ``finish()``: the stream may have been cut inside it.
struct SSEParser: Sendable {
    private let limit: Int
    /// The beginning of a line whose end has not come.
    private var line: [UInt8] = []
    private var name = ""
    private var data: [UInt8] = []
    private var hasData = false
    /// A carriage return ended the last line: a line feed right after it belongs to it.
    private var skipsLineFeed = false
    private var isAtStart = true

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    init(limit: Int = 8 << 20) {
        self.limit = limit
    }

    /// Takes the next bytes and returns the events that they complete.
    mutating func feed(_ bytes: [UInt8]) throws(SSEError) -> [SSEEvent] {
        var events: [SSEEvent] = []
        var start = 0
        if skipsLineFeed, let first = bytes.first {
            skipsLineFeed = false
            if first == UInt8(ascii: "\n") { start = 1 }
        }
        while let end = bytes[start...].firstIndex(where: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
            if line.isEmpty {
                try take(bytes[start..<end], &events)
            } else {
                line.append(contentsOf: bytes[start..<end])
                var whole: [UInt8] = []
                swap(&whole, &line)
                try take(whole[...], &events)
            }
            start = end + 1
            if bytes[end] == UInt8(ascii: "\r") {
                if start == bytes.count {
                    skipsLineFeed = true
                } else if bytes[start] == UInt8(ascii: "\n") {
                    start += 1
                }
            }
        }
        line.append(contentsOf: bytes[start...])
        guard line.count + data.count <= limit else { throw SSEError(limit: limit) }
        return events
    }

    /// The event that the end of the bytes leaves open, which may have been cut.
    mutating func finish() -> SSEEvent? {
        var events: [SSEEvent] = []
        let last = line
        line = []
        try? take(last[...], &events)
        try? take([], &events)
        return events.last
    }

    /// Takes one line without its end.
    private mutating func take(_ raw: ArraySlice<UInt8>, _ events: inout [SSEEvent]) throws(SSEError) {
        var line = raw
        if isAtStart {
            isAtStart = false
            if line.starts(with: Self.byteOrderMark) { line = line.dropFirst(3) }
        }
        guard !line.isEmpty else {
            if hasData { events.append(SSEEvent(name: name, data: data)) }
            (name, data, hasData) = ("", [], false)
            return
        }
        guard line.count + data.count < limit else { throw SSEError(limit: limit) }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        let field = line[..<colon]
        var value = line[colon...].dropFirst()
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        // A line that begins with a colon is a comment; `id` and `retry` are of no use without reconnection.
        if field.elementsEqual("data".utf8) {
            if hasData { data.append(UInt8(ascii: "\n")) }
            data.append(contentsOf: value)
            hasData = true
        } else if field.elementsEqual("event".utf8) {
            name = String(decoding: value, as: UTF8.self)
        }
    }
}
