import Foundation
import Glibc
import Testing

/// A blocking socket to a server on 127.0.0.1 that sends exactly what it is told and reads when it is told.
///
/// For use on a thread of its own: ``run(port:receiveBuffer:_:)`` makes one.
final class RawSocket {
    struct Failed: Error, CustomStringConvertible {
        var description: String
    }

    private let descriptor: Int32
    private var pending: [UInt8] = []

    private init(port: Int, receiveBuffer: Int32?) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        if var receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failed(description: "connect: errno \(errno)") }
    }

    deinit { Glibc.close(descriptor) }

    /// Runs a conversation on a thread of its own.
    static func run<Value: Sendable>(
        port: Int, receiveBuffer: Int32? = nil, _ body: @escaping @Sendable (RawSocket) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result { try body(RawSocket(port: port, receiveBuffer: receiveBuffer)) })
            }
        }
    }

    /// Sends all of it; what the server no longer takes is an error.
    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failed(description: "send: errno \(errno) after \(sent) bytes") }
            sent += count
        }
    }

    /// Tells the server that nothing more is sent.
    func endOutput() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// The next answer, interim ones too.
    func answer(toHead: Bool = false) throws -> HTTPAnswer {
        while pending.firstRange(of: Array("\r\n\r\n".utf8)) == nil {
            guard try fill() else { throw Failed(description: "closed in a head after \(pending.count) bytes") }
        }
        let end = try #require(pending.firstRange(of: Array("\r\n\r\n".utf8)))
        var bytes = Array(pending[..<end.upperBound])
        pending.removeSubrange(..<end.upperBound)
        let head = try HTTPAnswer(parsing: bytes, isWhole: false)
        if toHead || head.status < 200 || head.status == 204 { return head }
        if head.headers["transfer-encoding"] == "chunked" {
            while true {
                let size = try line()
                bytes += Array(size.utf8) + [13, 10]
                let count = try #require(Int(size, radix: 16))
                bytes += try take(count + 2)
                if count == 0 { break }
            }
        } else {
            bytes += try take(try #require(head.headers["content-length"].flatMap { Int($0) }))
        }
        return try HTTPAnswer(parsing: bytes)
    }

    /// The next bytes, whatever they are.
    func some() throws -> [UInt8] {
        if pending.isEmpty, try !fill() { throw Failed(description: "closed") }
        defer { pending = [] }
        return pending
    }

    /// The next answer if its head begins in time.
    func answerIfThere(within time: Duration) throws -> HTTPAnswer? {
        var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&state, 1, Int32(time.components.attoseconds / 1_000_000_000_000_000)) > 0 else { return nil }
        return try answer()
    }

    /// A client that takes its time.
    static func pause(_ time: Duration) {
        usleep(UInt32(time.components.attoseconds / 1_000_000_000_000))
    }

    /// Everything until the server closes; a reset connection is an error.
    func rest() throws -> [UInt8] {
        while try fill() {}
        defer { pending = [] }
        return pending
    }

    /// Whether the server has closed the connection, with nothing left to read.
    func isClosed() throws -> Bool { try rest().isEmpty }

    private func line() throws -> String {
        while true {
            if let end = pending.firstRange(of: [13, 10]) {
                defer { pending.removeSubrange(..<end.upperBound) }
                return String(decoding: pending[..<end.lowerBound], as: UTF8.self)
            }
            guard try fill() else { throw Failed(description: "closed in a line") }
        }
    }

    private func take(_ count: Int) throws -> [UInt8] {
        while pending.count < count {
            guard try fill() else { throw Failed(description: "closed in a body") }
        }
        defer { pending.removeSubrange(..<count) }
        return Array(pending[..<count])
    }

    private func fill() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count >= 0 else { throw Failed(description: "recv: errno \(errno)") }
        pending += buffer[..<count]
        return count > 0
    }
}

extension GatewayServer {
    /// Has a conversation with the gateway.
    func converse<Value: Sendable>(
        receiveBuffer: Int32? = nil, _ body: @escaping @Sendable (RawSocket) throws -> Value
    ) async throws -> Value {
        try await RawSocket.run(port: port, receiveBuffer: receiveBuffer, body)
    }
}

/// The text of a request as an administrator sends it.
struct RawRequest {
    var method = "GET"
    var target = "/api/v1/tasks"
    var version = "HTTP/1.1"
    var fields: [String] = []
    var body: String?

    var text: String {
        var lines =
            ["\(method) \(target) \(version)", "Host: gateway", "X-API-Key: \(GatewayServer.adminKey)"] + fields
        if let body {
            lines += ["Content-Type: application/json", "Content-Length: \(body.utf8.count)"]
        }
        return lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? "")
    }
}
