import FleetCore
import JSON
import NIOCore
import NIOPosix

/// One request on one connection, written while the answer is read.
struct HTTPExchange: Sendable {
    let port: Int

    /// Sends the parts as a chunked body, or no body at all if there are none.
    func run(
        _ method: String, _ path: String, _ headers: [String: String], _ parts: [[UInt8]]
    ) async throws -> HTTPAnswer {
        let (stream, body) = AsyncStream<[UInt8]>.makeStream()
        for part in parts { body.yield(part) }
        body.finish()
        var answer: [UInt8] = []
        try await run(method, path, headers, parts.isEmpty ? nil : stream) { answer += $0 }
        return try HTTPAnswer(parsing: answer)
    }

    /// Sends a streamed body and hands over the answer's bytes as they come.
    func run<Body: AsyncSequence & Sendable>(
        _ method: String, _ path: String, _ headers: [String: String], _ body: Body?,
        _ receive: ([UInt8]) throws -> Void
    ) async throws where Body.Element == [UInt8] {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        var head = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        head += body == nil ? "\r\n" : "Transfer-Encoding: chunked\r\n\r\n"
        let start = head
        try await channel.executeThenClose { inbound, outbound in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    // A server that has refused the request may close before it has read all of it.
                    try? await outbound.write(ByteBuffer(string: start))
                    guard let body else { return }
                    for try await part in body {
                        var chunk = ByteBuffer(string: String(part.count, radix: 16) + "\r\n")
                        chunk.writeBytes(part)
                        chunk.writeString("\r\n")
                        guard (try? await outbound.write(chunk)) != nil else { return }
                    }
                    try? await outbound.write(ByteBuffer(string: "0\r\n\r\n"))
                }
                for try await part in inbound { try receive(Array(part.readableBytesView)) }
                group.cancelAll()
            }
        }
    }
}

/// An answer: HTTP/1.1 as it came over the connection, taken apart.
struct HTTPAnswer: Sendable {
    struct Malformed: Error {}

    let status: Int
    /// By lower-case name.
    let headers: [String: String]
    let body: [UInt8]

    /// - Parameter isWhole: false: the body is not there yet.
    init(parsing bytes: [UInt8], isWhole: Bool = true) throws {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n") else { throw Malformed() }
        let lines = text[..<end.lowerBound].split(separator: "\r\n")
        guard let first = lines.first?.split(separator: " "), first.count >= 2, let status = Int(first[1]) else {
            throw Malformed()
        }
        self.status = status
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
        }
        self.headers = headers
        let rest = Array(bytes.dropFirst(text[..<end.upperBound].utf8.count))
        body = isWhole && headers["transfer-encoding"] == "chunked" ? try Self.joined(rest) : rest
    }

    var text: String { String(decoding: body, as: UTF8.self) }

    var json: JSONValue { get throws { try JSONValue(parsing: body) } }

    /// The values of a body of JSON lines.
    var lines: [JSONValue] {
        get throws { try body.split(separator: UInt8(ascii: "\n")).map { try JSONValue(parsing: $0) } }
    }

    private static func joined(_ chunks: [UInt8]) throws -> [UInt8] {
        var (rest, body) = (chunks[...], [UInt8]())
        while true {
            guard let end = rest.firstIndex(of: UInt8(ascii: "\r")),
                let size = Int(String(decoding: rest[..<end], as: UTF8.self), radix: 16), rest.count >= size + 4
            else { throw Malformed() }
            guard size > 0 else { return body }
            rest = rest[(end + 2)...]
            body += rest.prefix(size)
            rest = rest.dropFirst(size + 2)
        }
    }
}
