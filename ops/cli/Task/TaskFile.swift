import Glibc

/// A file of lines, read piece by piece: each piece ends with a line.
struct TaskFile: ~Copyable {
    /// Whole lines with the number of the first one.
    struct Piece: Sendable, Equatable {
        var firstLine: Int
        var bytes: [UInt8]
        var lineCount: Int
    }

    private let descriptor: Int32
    private let path: String
    private let lineLimit: Int
    private let byteLimit: Int
    private var pending: [UInt8] = []
    private var isAtEnd = false
    private var nextLine = 1

    /// - Parameters:
    ///   - path: `-` for standard input.
    ///   - lineLimit: lines of a piece at most.
    ///   - byteLimit: a piece ends with the line that reaches it.
    init(path: String, lineLimit: Int = 1000, byteLimit: Int = 4 << 20) throws(CommandError) {
        self.path = path
        self.lineLimit = lineLimit
        self.byteLimit = byteLimit
        if path == "-" {
            descriptor = dup(STDIN_FILENO)
        } else {
            descriptor = open(path, O_RDONLY | O_CLOEXEC)
        }
        guard descriptor >= 0 else { throw Self.unreadable(path) }
    }

    deinit { close(descriptor) }

    /// The next lines; nil after the last.
    mutating func next() throws(CommandError) -> Piece? {
        while !isAtEnd && pending.count < byteLimit { try fill() }
        guard !pending.isEmpty else { return nil }
        var end = 0
        var lines = 0
        while lines < lineLimit && end < byteLimit, end < pending.count {
            guard let feed = pending[end...].firstIndex(of: UInt8(ascii: "\n")) else {
                // A line longer than a piece: the rest of it is needed, or it is the last one.
                if isAtEnd {
                    end = pending.count
                    lines += 1
                } else if lines == 0 {
                    try fill()
                    continue
                }
                break
            }
            end = feed + 1
            lines += 1
        }
        let piece = Piece(firstLine: nextLine, bytes: Array(pending[..<end]), lineCount: lines)
        pending.removeSubrange(..<end)
        nextLine += lines
        return piece
    }

    private mutating func fill() throws(CommandError) {
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        let count = read(descriptor, &buffer, buffer.count)
        if count < 0 && errno == EINTR { return }
        guard count >= 0 else { throw Self.unreadable(path) }
        isAtEnd = count == 0
        pending += buffer[..<count]
    }

    private static func unreadable(_ path: String) -> CommandError {
        CommandError(.failed, "\(path) cannot be read: \(String(cString: strerror(errno)))")
    }
}
