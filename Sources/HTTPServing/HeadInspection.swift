import NIOHTTP1

/// What a request's head means for its connection.
struct HeadInspection: Sendable, Equatable {
    /// Another request may follow.
    var persists: Bool
    /// The client sends the body when it is told to.
    var expectsContinue: Bool
    /// The bytes of the body; nil: it comes in chunks.
    var bodyBytes: Int?

    /// - Throws: for a head that no request of ours can have, or of which servers on the way might think otherwise.
    init(_ head: HTTPRequestHead, targetLimit: Int) throws(HTTPRefusal) {
        let isHTTP10 = head.version == .http1_0
        try Self.checkMethod(head.method)
        try Self.checkTarget(head.uri, of: head.method, limit: targetLimit)
        try Self.checkHost(head.headers["host"], isHTTP10: isHTTP10)

        let isChunked = head.headers.contains(name: "transfer-encoding")
        if isChunked {
            guard !isHTTP10 else { throw HTTPRefusal(400, "HTTP/1.0 has no Transfer-Encoding") }
            guard head.headers["transfer-encoding"].map({ $0.lowercased() }) == ["chunked"] else {
                throw HTTPRefusal(501, "The only Transfer-Encoding is chunked")
            }
        }
        bodyBytes = isChunked ? nil : head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0

        let expectations = head.headers[canonicalForm: "expect"]
        guard isHTTP10 || expectations.allSatisfy({ $0.lowercased() == "100-continue" }) else {
            throw HTTPRefusal(417, "The only expectation that can be met is 100-continue")
        }
        expectsContinue = !isHTTP10 && !expectations.isEmpty && bodyBytes != 0
        // The decoder reads nothing more after a request that asks for another protocol.
        persists =
            !isHTTP10 && !head.headers.contains(name: "upgrade")
            && !head.headers[canonicalForm: "connection"].contains { $0.lowercased() == "close" }
    }

    private static func checkMethod(_ method: HTTPMethod) throws(HTTPRefusal) {
        switch method {
        case .GET, .HEAD, .POST, .PUT, .PATCH, .DELETE, .OPTIONS, .TRACE: return
        default: throw HTTPRefusal(501, "The method is not implemented")
        }
    }

    private static func checkTarget(_ target: String, of method: HTTPMethod, limit: Int) throws(HTTPRefusal) {
        guard target.utf8.count <= limit else {
            throw HTTPRefusal(414, "The request target must be at most \(limit) bytes")
        }
        guard
            target.hasPrefix("/") || target.lowercased().hasPrefix("http://")
                || target.lowercased().hasPrefix("https://") || target == "*" && method == .OPTIONS
        else { throw HTTPRefusal(400, "The request target is neither a path nor an address") }
        guard target.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") }) else {
            throw HTTPRefusal(400, "The request target has characters that must be percent-encoded")
        }
        guard !target.utf8.contains(UInt8(ascii: "%")) || decodes(target) else {
            throw HTTPRefusal(400, "The percent-encoding of the request target is broken")
        }
    }

    /// Whether every percent sign begins the code of a byte, and all bytes together are UTF-8.
    private static func decodes(_ target: String) -> Bool {
        var (bytes, rest) = ([UInt8](), target.utf8[...])
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }),
                let low = rest.popFirst().flatMap({ Character(Unicode.Scalar($0)).hexDigitValue })
            else { return false }
            bytes.append(UInt8(high << 4 | low))
        }
        return String(validating: bytes, as: UTF8.self) != nil
    }

    private static func checkHost(_ hosts: [String], isHTTP10: Bool) throws(HTTPRefusal) {
        guard hosts.count == 1 || isHTTP10 && hosts.isEmpty else {
            throw HTTPRefusal(400, "A request must have exactly one Host")
        }
        guard hosts.allSatisfy({ $0.utf8.allSatisfy { !" \t,/@?#\\".utf8.contains($0) } }) else {
            throw HTTPRefusal(400, "The Host is not the name of a host")
        }
    }
}

extension HTTPRefusal {
    /// What the decoder could not read.
    ///
    /// - Parameters:
    ///   - isInTarget: the request line is longer than a head may be.
    ///   - hasVersion: it ends in a version, whichever.
    init(_ error: HTTPParserError, isInTarget: Bool, hasVersion: Bool) {
        switch error {
        case .headerOverflow where isInTarget: self.init(414, "The request target is too long")
        case .headerOverflow: self.init(431, "The head is too long or has too many fields")
        // A preface of HTTP/2 pauses the decoder.
        case .invalidVersion where hasVersion, .paused where hasVersion:
            self.init(505, "The HTTP version must be 1.0 or 1.1")
        case .invalidMethod where hasVersion: self.init(501, "The method is not implemented")
        default: self.init(400, "The request is not HTTP: it cannot be read")
        }
    }
}
