import JSON
import NIOCore

/// A reply body in wire format, with the places where a stream may pause.
struct EncodedReply: Sendable {
    var bytes: ByteBuffer
    /// Ascending offsets after each text event; empty for a reply that is not a stream.
    var cuts: [Int]

    init(_ json: JSONWriter, cuts: [Int] = []) {
        bytes = ByteBuffer(bytes: json.bytes)
        self.cuts = cuts
    }

    /// The body in at most `count` pieces that end where a stream may pause.
    func pieces(atMost count: Int) -> [ByteBuffer] {
        var ends = cuts.dropLast().enumerated().compactMap { index, cut in
            (index + 1) * count / cuts.count > index * count / cuts.count ? cut : nil
        }
        ends.append(bytes.readableBytes)
        return slices(ends)
    }

    /// The body in pieces of equal size.
    func dribble(pieces count: Int) -> [ByteBuffer] {
        let size = max(1, (bytes.readableBytes + count - 1) / count)
        var ends = Array(stride(from: size, to: bytes.readableBytes, by: size))
        ends.append(bytes.readableBytes)
        return slices(ends)
    }

    /// The part before a cut-off: half of the text events, or half of the bytes.
    var firstHalf: ByteBuffer {
        let end = cuts.isEmpty ? bytes.readableBytes / 2 : cuts[(cuts.count - 1) / 2]
        return slices([end])[0]
    }

    /// The share of the text events that `firstHalf` has; all of a reply that is not a stream.
    var halfShare: Double { cuts.isEmpty ? 1 : Double((cuts.count - 1) / 2 + 1) / Double(cuts.count) }

    private func slices(_ ends: [Int]) -> [ByteBuffer] {
        var start = 0
        return ends.map { end in
            defer { start = end }
            return bytes.getSlice(at: bytes.readerIndex + start, length: end - start) ?? ByteBuffer()
        }
    }
}
