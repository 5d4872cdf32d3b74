/// Response status and header fields.
struct ResponseHead: Sendable, Equatable {
    var status: Int
    var headers: HTTPHeaders
}

/// Assembles a response head from the lines that libcurl hands over one by one.
struct ResponseHeadParser {
    /// What a line led to.
    enum Outcome: Equatable {
        case incomplete
        case head(ResponseHead)
        case tooLarge
        case malformed
    }

    private let limit: Int
    private var size = 0
    private var head: ResponseHead?
    private var isComplete = false

    init(limit: Int) {
        self.limit = limit
    }

    /// Takes one line with its line end.
    mutating func feed(_ line: UnsafeBufferPointer<UInt8>) -> Outcome {
        // Trailers of a chunked body come the same way after the head; nobody asked for them.
        guard !isComplete else { return .incomplete }
        size += line.count
        guard size <= limit else { return .tooLarge }
        let text = String(decoding: line.prefix { $0 != 0x0D && $0 != 0x0A }, as: UTF8.self)
        guard var current = head else {
            // `HTTP/1.1 200 OK` or `HTTP/2 200`.
            let parts = text.split(separator: " ", maxSplits: 2)
            guard parts.count >= 2, parts[0].hasPrefix("HTTP/"), parts[1].utf8.count == 3, let status = Int(parts[1])
            else { return .malformed }
            head = ResponseHead(status: status, headers: [:])
            return .incomplete
        }
        guard !text.isEmpty else {
            if 100..<200 ~= current.status && current.status != 101 {
                // An interim response: the real one follows.
                head = nil
                return .incomplete
            }
            isComplete = true
            return .head(current)
        }
        // libcurl joins no folded lines; a line without a colon is dropped as browsers do.
        if let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) {
            current.headers.append(String(text[..<colon]), trimmed(text[text.index(after: colon)...]))
            head = current
        }
        return .incomplete
    }

    private func trimmed(_ text: Substring) -> String {
        var text = text
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text.drop { $0 == " " || $0 == "\t" })
    }
}
