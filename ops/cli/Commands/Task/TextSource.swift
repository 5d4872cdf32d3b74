import Glibc

/// A file, or standard input, as UTF-8 text: gzip and UTF-16 are undone, a byte order mark is taken off.
struct TextSource: ~Copyable {
    private let descriptor: Int32
    let path: String
    private var gunzip: Gunzip?
    private var utf16: UTF16Decoder?
    private var isOpened = false
    private var isAtEnd = false

    /// - Parameter path: `-` for standard input.
    init(path: String) throws(CommandError) {
        self.path = path
        descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.unreadable(path) }
    }

    deinit { close(descriptor) }

    /// All of it.
    ///
    /// - Throws: ``CommandError`` if it cannot be read, or has more than `limit` bytes.
    static func text(path: String, limit: Int) throws(CommandError) -> String {
        var source = try TextSource(path: path)
        var bytes: [UInt8] = []
        while let piece = try source.next() {
            bytes += piece
            guard bytes.count <= limit else { throw refusal(path, "it has more than \(limit) bytes") }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The next piece, which may end anywhere; nil after the last.
    mutating func next() throws(CommandError) -> [UInt8]? {
        if !isOpened {
            isOpened = true
            return try beginning()
        }
        guard let bytes = try unpacked() else { return nil }
        return try decoded(bytes)
    }

    /// Looks at the first bytes, and says what they are.
    private mutating func beginning() throws(CommandError) -> [UInt8]? {
        var head: [UInt8] = []
        while head.count < 2, let bytes = try raw() { head += bytes }
        if head.starts(with: Gunzip.magic) {
            gunzip = try Gunzip()
            head = try unpacked(head)
            while head.count < 4, let bytes = try unpacked() { head += bytes }
        } else {
            while head.count < 4, let bytes = try raw() { head += bytes }
        }
        if head.starts(with: [0xFF, 0xFE, 0, 0]) || head.starts(with: [0, 0, 0xFE, 0xFF]) {
            throw refusal("is UTF-32 text: save it as UTF-8")
        }
        if let order = UTF16Decoder.detect(head) {
            utf16 = UTF16Decoder(isBigEndian: order.isBigEndian)
            head.removeFirst(order.mark)
            head = try decoded(head)
        }
        if head.starts(with: [0xEF, 0xBB, 0xBF]) { head.removeFirst(3) }
        return head.isEmpty && isAtEnd ? nil : head
    }

    private mutating func decoded(_ bytes: [UInt8]) throws(CommandError) -> [UInt8] {
        guard utf16 != nil else { return bytes }
        guard let text = utf16?.decode(bytes) else {
            throw refusal("is UTF-16 text with half of a surrogate pair in it: save it as UTF-8")
        }
        return text
    }

    private mutating func unpacked() throws(CommandError) -> [UInt8]? {
        guard let bytes = try raw() else {
            if let gunzip, !gunzip.isBetweenMembers {
                throw refusal("ends in the middle of its gzip data: it was cut off")
            }
            if let utf16, !utf16.isComplete {
                throw refusal("ends in the middle of a UTF-16 character: it was cut off")
            }
            return nil
        }
        return try unpacked(bytes)
    }

    private mutating func unpacked(_ bytes: [UInt8]) throws(CommandError) -> [UInt8] {
        guard let gunzip else { return bytes }
        guard let text = gunzip.unpack(bytes) else { throw refusal("is damaged gzip data: `gzip --test` says more") }
        return text
    }

    private mutating func raw() throws(CommandError) -> [UInt8]? {
        guard !isAtEnd else { return nil }
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw Self.unreadable(path) }
            isAtEnd = count == 0
            return isAtEnd ? nil : Array(buffer[..<count])
        }
    }

    private func refusal(_ text: String) -> CommandError { Self.refusal(path, text) }

    /// - Parameter text: goes on from the file's name.
    static func refusal(_ path: String, _ text: String) -> CommandError {
        CommandError(.usage, "\(path == "-" ? "standard input" : path) \(text)")
    }

    private static func unreadable(_ path: String) -> CommandError {
        CommandError(.failed, "\(path) cannot be read: \(String(cString: strerror(errno)))")
    }
}
