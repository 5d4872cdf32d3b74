import Glibc
import Synchronization

/// Writes lines to a file descriptor, each with one `write`, so that lines of several threads never mix.
///
/// A line that cannot be written is dropped and counted: logging neither fails its caller nor waits longer than
/// a second for a descriptor that is in non-blocking mode. The process is expected to ignore SIGPIPE.
package final class LogSink: Sendable {
    /// The process's standard output.
    package static let standardOutput = LogSink(fileDescriptor: STDOUT_FILENO)

    private let fileDescriptor: Int32
    private let patience: Int32
    /// Whether the last line was cut off; the next one then starts on a fresh line.
    private let isTorn = Mutex(false)
    private let dropped = Atomic<Int>(0)

    /// Writes to an open descriptor, which stays the caller's to close.
    package convenience init(fileDescriptor: Int32) {
        self.init(fileDescriptor: fileDescriptor, patience: 1000)
    }

    /// - Parameter patience: milliseconds that a line waits for a non-blocking descriptor to take more.
    init(fileDescriptor: Int32, patience: Int32) {
        self.fileDescriptor = fileDescriptor
        self.patience = patience
    }

    /// Lines lost so far because the descriptor did not take them.
    package var droppedLines: Int { dropped.load(ordering: .relaxed) }

    /// Writes a line that already ends in a line feed.
    func write(_ line: [UInt8]) {
        isTorn.withLock { isTorn in
            let bytes = isTorn ? [UInt8(ascii: "\n")] + line : line
            let written = writeAll(bytes)
            if written == bytes.count {
                isTorn = false
            } else {
                dropped.add(1, ordering: .relaxed)
                if written > 0 { isTorn = true }
            }
        }
    }

    /// The number of bytes written: all of them, unless the descriptor failed or stayed full.
    private func writeAll(_ bytes: [UInt8]) -> Int {
        bytes.withUnsafeBytes { buffer in
            var offset = 0
            while offset < buffer.count {
                let count = Glibc.write(fileDescriptor, buffer.baseAddress?.advanced(by: offset), buffer.count - offset)
                if count > 0 {
                    offset += count
                } else if count < 0, errno == EINTR {
                    continue
                } else if count < 0, errno == EAGAIN || errno == EWOULDBLOCK {
                    var request = pollfd(fd: fileDescriptor, events: Int16(POLLOUT), revents: 0)
                    guard poll(&request, 1, patience) > 0 else { return offset }
                } else {
                    return offset
                }
            }
            return offset
        }
    }
}
