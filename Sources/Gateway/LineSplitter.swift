/// Cuts a stream of bytes into lines, holding at most one line and never more than the limit of it.
struct LineSplitter: Sendable {
    /// A line of the stream.
    enum Line: Sendable, Equatable {
        case text([UInt8])
        /// Longer than the limit; its bytes were thrown away.
        case tooLong
    }

    private let limit: Int
    private var partial: [UInt8] = []
    private var isTooLong = false

    init(limit: Int) {
        self.limit = limit
    }

    /// Takes the next bytes and calls `body` with each line they complete, without its line feed.
    mutating func append(_ bytes: some Sequence<UInt8>, _ body: (Line) -> Void) {
        let isHandled: Void? = bytes.withContiguousStorageIfAvailable { append(buffer: $0, body) }
        if isHandled == nil { Array(bytes).withUnsafeBufferPointer { append(buffer: $0, body) } }
    }

    private mutating func append(buffer: UnsafeBufferPointer<UInt8>, _ body: (Line) -> Void) {
        var start = 0
        while let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) {
            take(buffer[start..<end])
            body(completed())
            start = end + 1
        }
        take(buffer[start...])
    }

    /// The line that the end of the stream completes; nil if there is none.
    mutating func finish() -> Line? {
        isTooLong || !partial.isEmpty ? completed() : nil
    }

    private mutating func take(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) {
        guard !isTooLong else { return }
        if partial.count + bytes.count > limit {
            isTooLong = true
            partial = []
        } else {
            partial.append(contentsOf: bytes)
        }
    }

    private mutating func completed() -> Line {
        defer {
            partial = []
            isTooLong = false
        }
        return isTooLong ? .tooLong : .text(partial)
    }
}
