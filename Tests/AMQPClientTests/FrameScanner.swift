/// Finds publishes and confirms in one direction of an AMQP connection.
struct FrameScanner {
    enum Event {
        case published
        case confirmed(tag: UInt64, multiple: Bool)
    }

    private var pending: [UInt8] = []
    private var skipped: Int

    /// - Parameter skipping: bytes before the first frame.
    init(skipping: Int) { skipped = skipping }

    mutating func scan(_ bytes: ArraySlice<UInt8>, _ body: (Event) -> Void) {
        let dropped = min(skipped, bytes.count)
        skipped -= dropped
        pending += bytes.dropFirst(dropped)
        var offset = 0
        // A frame: type, channel (2), size (4), payload, end mark.
        while pending.count - offset >= 8 {
            let size = Int(number(at: offset + 3, bytes: 4))
            guard pending.count - offset >= size + 8 else { break }
            if pending[offset] == 1 {
                switch number(at: offset + 7, bytes: 4) {
                case 0x003C_0028: body(.published)
                case 0x003C_0050:
                    body(
                        .confirmed(
                            tag: number(at: offset + 11, bytes: 8), multiple: pending[offset + 19] & 1 != 0))
                default: break
                }
            }
            offset += size + 8
        }
        pending.removeFirst(offset)
    }

    private func number(at offset: Int, bytes: Int) -> UInt64 {
        pending[offset..<offset + bytes].reduce(0) { $0 << 8 | UInt64($1) }
    }
}
