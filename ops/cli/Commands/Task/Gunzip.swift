import CZlib

/// Undoes gzip piece by piece; several members one after another are one text, as `gzip` itself has it.
final class Gunzip {
    private var stream = z_stream()
    /// Between two members, where the data may end.
    private(set) var isBetweenMembers = true

    /// The first bytes of a member.
    static let magic: [UInt8] = [0x1F, 0x8B]

    init() throws(CommandError) {
        // 16: a gzip header is expected.
        guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw CommandError(.failed, "out of memory for unpacking gzip data")
        }
    }

    deinit { inflateEnd(&stream) }

    /// Unpacks all of `input`.
    ///
    /// - Returns: nil if it is not gzip data, or damaged.
    func unpack(_ input: [UInt8]) -> [UInt8]? {
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        var input = input
        let isFine = input.withUnsafeMutableBufferPointer { source in
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            while stream.avail_in > 0 {
                // What follows the last member is padding: tapes and some tools fill up with zeros.
                if isBetweenMembers, let next = stream.next_in, next.pointee == 0 {
                    stream.next_in += 1
                    stream.avail_in -= 1
                    continue
                }
                let status = buffer.withUnsafeMutableBufferPointer { target in
                    stream.next_out = target.baseAddress
                    stream.avail_out = UInt32(target.count)
                    return inflate(&stream, Z_NO_FLUSH)
                }
                guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else { return false }
                output += buffer[..<(buffer.count - Int(stream.avail_out))]
                isBetweenMembers = status == Z_STREAM_END
                if isBetweenMembers { inflateReset(&stream) }
            }
            return true
        }
        return isFine ? output : nil
    }
}
