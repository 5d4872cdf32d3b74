import Glibc

/// The server's end of one connection; blocking, used by its script's thread only.
package final class PeerConnection {
    private let descriptor: Int32
    private var isOpen = true
    private var unread: [UInt8] = []

    init(descriptor: Int32) {
        self.descriptor = descriptor
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    package struct Request: Sendable {
        package var head: String
        package var body: [UInt8]
        package var path: String { head.split(separator: " ").dropFirst().first.map(String.init) ?? "" }
    }

    /// Reads one request with its body; nil when the peer has closed.
    package func readRequest() -> Request? {
        let end = Array("\r\n\r\n".utf8)
        while true {
            if let position = unread.indices.first(where: { unread[$0...].starts(with: end) }) {
                let head = String(decoding: unread[..<position], as: UTF8.self)
                unread.removeFirst(position + 4)
                let length = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
                    .flatMap { Int($0.drop { $0 != ":" }.dropFirst().drop { $0 == " " }) }
                let count = length ?? 0
                while unread.count < count { guard receive() else { return nil } }
                defer { unread.removeFirst(count) }
                return Request(head: head, body: Array(unread[..<count]))
            }
            guard receive() else { return nil }
        }
    }

    private func receive() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 16384)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        unread.append(contentsOf: buffer[..<count])
        return true
    }

    package func write(_ text: String) { _ = write(Array(text.utf8)) }

    @discardableResult package func write(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Writes until the peer takes nothing for 300 ms; the number of bytes written.
    package func writeUntilBlocked(_ chunk: [UInt8], limit: Int) -> Int {
        var written = 0
        while written < limit {
            var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&entry, 1, 300) > 0 else { break }
            let count = chunk.prefix(limit - written).withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
            guard count > 0 else { break }
            written += count
        }
        return written
    }

    /// Waits until the peer has closed its end, at most `milliseconds`; false if it has not.
    package func waitForClose(milliseconds: Int32 = 20_000) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, milliseconds) > 0 else { return false }
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, 0) <= 0
    }

    /// Closes with a reset instead of an orderly end.
    package func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    package func close() {
        guard isOpen else { return }
        isOpen = false
        Glibc.close(descriptor)
    }
}
