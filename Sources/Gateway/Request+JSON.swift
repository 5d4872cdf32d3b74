import FleetCore
import Hummingbird
import JSON

extension Request {
    /// Reads the body as one JSON value.
    ///
    /// - Throws: 415 for another content type, 413 beyond the limit, 400 for what is no JSON.
    func json(limit: Int) async throws -> JSONValue {
        try requireContentType(["application/json"])
        let body = try await collected(limit: limit)
        do {
            return try body.withUnsafeReadableBytes { bytes throws(JSONError) in try JSONValue(parsing: bytes) }
        } catch {
            throw GatewayError(error)
        }
    }

    /// - Throws: 415 unless the content type is one of them, parameters aside; a charset other than UTF-8 is not, nor is
    ///   a content encoding.
    func requireContentType(_ allowed: [String]) throws(GatewayError) {
        guard headers[.contentEncoding].map({ $0.lowercased() == "identity" }) ?? true else {
            throw .unsupportedEncoding
        }
        let parts = (headers[.contentType] ?? "").lowercased().split(separator: ";")
        let type = parts.first?.trimmingSpaces ?? ""
        let charset = parts.dropFirst().map(\.trimmingSpaces).first { $0.hasPrefix("charset=") }
        let isUTF8 = charset.map { ["charset=utf-8", "charset=\"utf-8\""].contains($0) } ?? true
        guard isUTF8, allowed.contains(type) else { throw .unsupportedMediaType(allowed: allowed) }
    }

    private func collected(limit: Int) async throws -> ByteBuffer {
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > limit {
            throw GatewayError.tooLarge(limit: limit)
        }
        var collected = ByteBuffer()
        for try await part in body {
            guard collected.readableBytes + part.readableBytes <= limit else {
                throw GatewayError.tooLarge(limit: limit)
            }
            collected.writeImmutableBuffer(part)
        }
        return collected
    }
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        var text = self
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return String(text)
    }
}
