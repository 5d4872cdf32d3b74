import BlockingIO
import CHiredis
import COpenSSL
import Glibc

/// TLS on the connected, non-blocking socket of a ``RedisWire``, used on its thread only.
///
/// hiredis 0.14 has none. It still connects, formats commands and parses replies; its reads and writes are replaced.
final class RedisTLS {
    private enum Progress {
        case bytes(Int32)
        case wantsToRead
        case wantsToWrite
    }

    private let ssl: OpaquePointer
    /// Between the handshake and the first failure: only then a farewell is allowed.
    private var isOpen = false
    private var output: [UInt8] = []
    private var sent = 0
    /// As long as the longest record, and OpenSSL does not read ahead by itself: so one read takes all that OpenSSL
    /// has, the rest waits in the socket, and `poll` tells the truth.
    private var input = [UInt8](repeating: 0, count: Int(SSL3_RT_MAX_PLAIN_LENGTH))
    private var sendingWaits = false
    private var receivingWaits = false

    /// Shakes hands.
    ///
    /// - Throws: `.tls` for settings, certificates and protocol; `.timeout`; `.connectionLost`.
    init(
        _ settings: RedisConfiguration.TLS, host: String, descriptor: Int32, until deadline: Deadline
    ) throws(RedisError) {
        ssl = try Self.makeHandle(settings, host: host)
        guard SSL_set_fd(ssl, descriptor) == 1 else { throw .openSSL(setting: "the socket") }
        try shakeHands(descriptor, until: deadline)
        isOpen = true
    }

    deinit {
        // Says that the stream ends here and does not wait for the server to say the same. The socket is the wire's.
        if isOpen {
            ERR_clear_error()
            SSL_shutdown(ssl)
        }
        SSL_free(ssl)
    }

    /// What to poll the socket for before the next ``send()`` and ``receive(into:)``.
    var events: Int16 { Int16(POLLIN) | (sendingWaits || receivingWaits ? Int16(POLLOUT) : 0) }

    /// Appends to what is to be sent.
    func append(_ bytes: UnsafeRawBufferPointer) { output.append(contentsOf: bytes) }

    /// Sends as much as the socket takes.
    ///
    /// - Returns: whether everything has been sent.
    func send() throws(RedisError) -> Bool {
        sendingWaits = false
        while sent < output.count {
            switch try write() {
            case .bytes(let count): sent += Int(count)
            case .wantsToRead: return false
            case .wantsToWrite:
                sendingWaits = true
                return false
            }
        }
        // One large value does not hold its memory for the connection's life.
        output.removeAll(keepingCapacity: output.count <= input.count)
        sent = 0
        return true
    }

    /// Hands at most one record to the parser. A parser out of memory says so at the next reply.
    func receive(into reader: UnsafeMutablePointer<redisReader>) throws(RedisError) {
        receivingWaits = false
        let progress = try attempt {
            input.withUnsafeMutableBytes { buffer in
                let count = SSL_read(ssl, buffer.baseAddress, Int32(buffer.count))
                if count > 0 { _ = redisReaderFeed(reader, buffer.baseAddress, Int(count)) }
                return count
            }
        }
        if case .wantsToWrite = progress { receivingWaits = true }
    }

    /// Whether the connection is open and holds nothing unread. Readable alone means little: the server also sends
    /// records of TLS itself.
    func isQuiet() -> Bool {
        var byte: UInt8 = 0
        guard let progress = try? attempt({ SSL_peek(ssl, &byte, 1) }) else { return false }
        if case .bytes = progress { return false }
        return true
    }

    private func write() throws(RedisError) -> Progress {
        do throws(RedisError) {
            return try attempt {
                output.withUnsafeBytes { buffer in
                    let rest = UnsafeRawBufferPointer(rebasing: buffer[sent...])
                    return SSL_write(ssl, rest.baseAddress, Int32(clamping: rest.count))
                }
            }
        } catch {
            // With TLS 1.3 a server refuses our certificate only now, and says so before it closes.
            var byte: UInt8 = 0
            _ = try attempt { SSL_peek(ssl, &byte, 1) }
            throw error
        }
    }

    private func shakeHands(_ descriptor: Int32, until deadline: Deadline) throws(RedisError) {
        while true {
            let events: Int32
            switch try attempt({ SSL_connect(ssl) }) {
            case .bytes: return
            case .wantsToRead: events = POLLIN
            case .wantsToWrite: events = POLLOUT
            }
            guard !deadline.hasPassed else { throw RedisError(.timeout, "no TLS handshake in time") }
            var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            _ = poll(&entry, 1, deadline.pollMilliseconds)
        }
    }

    private func attempt(_ call: () -> Int32) throws(RedisError) -> Progress {
        // Errors that an earlier call left on this thread would be taken for this one's.
        ERR_clear_error()
        errno = 0
        let status = call()
        let errorNumber = errno
        if status > 0 { return .bytes(status) }
        switch SSL_get_error(ssl, status) {
        case SSL_ERROR_WANT_READ: return .wantsToRead
        case SSL_ERROR_WANT_WRITE: return .wantsToWrite
        default:
            isOpen = false
            throw .openSSL(ssl, status: status, errorNumber: errorNumber)
        }
    }
}
