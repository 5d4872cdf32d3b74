import Foundation
import NIOCore
import NIOPosix

/// What came back over one connection.
struct TwinReply: Sendable {
    var status = 0
    var headers: [String: String] = [:]
    /// The decoded body, or the part of it that came.
    var body = ""
    /// False when the connection ended before the body was complete.
    var isComplete = false

    /// The body as a JSON object; empty when it is none.
    var json: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]) ?? [:]
    }

    /// The data of each server-sent event that is JSON.
    var events: [[String: Any]] {
        body.components(separatedBy: "\n\n").compactMap { block in
            guard let line = block.split(separator: "\n").first(where: { $0.hasPrefix("data: {") }) else { return nil }
            return try? JSONSerialization.jsonObject(with: Data(line.dropFirst(6).utf8)) as? [String: Any]
        }
    }
}

/// Speaks HTTP/1.1 over a plain socket, one connection per request, so that tests see how a reply really ends.
struct TwinClient: Sendable {
    let port: Int
    var key = "test-key"

    func get(_ path: String) async throws -> TwinReply {
        try await send("GET", path, body: "", headers: [:])
    }

    func post(_ path: String, _ body: [String: Any], headers: [String: String] = [:]) async throws -> TwinReply {
        try await send("POST", path, body: Self.text(body), headers: headers)
    }

    static func text(_ body: [String: Any]) throws -> String {
        String(decoding: try JSONSerialization.data(withJSONObject: body, options: [.sortedKeys]), as: UTF8.self)
    }

    func send(_ method: String, _ path: String, body: String, headers: [String: String]) async throws -> TwinReply {
        let channel = try await open()
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: request(method, path, body, headers)))
            var bytes: [UInt8] = []
            do {
                for try await buffer in inbound { bytes.append(contentsOf: buffer.readableBytesView) }
            } catch is IOError {
                // A reset ends the reply like any other close.
            }
            return Self.parse(bytes)
        }
    }

    /// Sends a request and leaves before any answer, once `isArrived` says that the server has it.
    func leave(_ path: String, _ body: [String: Any], once isArrived: () async throws -> Void) async throws {
        let text = request("POST", path, try Self.text(body), [:])
        try await open().executeThenClose { _, outbound in
            try await outbound.write(ByteBuffer(string: text))
            try await isArrived()
        }
    }

    private func open() async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel(wrappingChannelSynchronously: channel) }
            }
    }

    private func request(_ method: String, _ path: String, _ body: String, _ headers: [String: String]) -> String {
        var fields = ["Host": "twin", "Connection": "close", "Content-Length": "\(body.utf8.count)"]
        fields["Authorization"] = "Bearer \(key)"
        if path.hasPrefix("/v1/messages") { fields["anthropic-version"] = "2023-06-01" }
        fields.merge(headers) { _, new in new }
        let lines = fields.filter { !$0.value.isEmpty }.map { "\($0.key): \($0.value)\r\n" }
        return "\(method) \(path) HTTP/1.1\r\n\(lines.joined())\r\n\(body)"
    }

    private static func parse(_ bytes: [UInt8]) -> TwinReply {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return TwinReply() }
        var reply = TwinReply()
        let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
        reply.status = Int(lines[0].split(separator: " ")[1]) ?? 0
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            reply.headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        let rest = Array(text[end.upperBound...].utf8)
        if reply.headers["transfer-encoding"] == "chunked" {
            (reply.body, reply.isComplete) = unchunk(rest)
        } else {
            reply.body = String(decoding: rest, as: UTF8.self)
            reply.isComplete = rest.count == Int(reply.headers["content-length"] ?? "")
        }
        return reply
    }

    private static func unchunk(_ bytes: [UInt8]) -> (String, Bool) {
        var body: [UInt8] = []
        var position = 0
        while let line = bytes[position...].firstIndex(of: 0x0D) {
            guard let size = Int(String(decoding: bytes[position..<line], as: UTF8.self), radix: 16) else { break }
            if size == 0 { return (String(decoding: body, as: UTF8.self), true) }
            let start = line + 2
            body.append(contentsOf: bytes[min(start, bytes.count)..<min(start + size, bytes.count)])
            position = start + size + 2
            if position >= bytes.count { break }
        }
        return (String(decoding: body, as: UTF8.self), false)
    }
}
