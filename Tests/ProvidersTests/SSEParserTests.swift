import Testing

@testable import Providers

@Suite struct SSEParserTests {
    private func events(_ pieces: [[UInt8]]) throws -> [SSEEvent] {
        var parser = SSEParser()
        return try pieces.flatMap { try parser.feed($0) }
    }

    private func event(_ name: String, _ data: String) -> SSEEvent { SSEEvent(name: name, data: Array(data.utf8)) }

    @Test(arguments: [
        ("data: a\n\n", [("", "a")]), ("data:a\n\n", [("", "a")]), ("data:  a\n\n", [("", " a")]),
        ("event: x\ndata: a\n\ndata: b\n\n", [("x", "a"), ("", "b")]),
        ("data: a\ndata: b\ndata:\ndata: c\n\n", [("", "a\nb\n\nc")]), ("data\n\n", [("", "")]),
        (": comment\n\n:\n\ndata: a\n: inside\n\n", [("", "a")]), ("event: x\n\ndata: a\n\n", [("", "a")]),
        ("\u{feff}data: a\n\n", [("", "a")]), ("data: \u{feff}a\n\n", [("", "\u{feff}a")]),
        ("id: 1\nretry: 5\nunknown: x\ndata: a\n\n", [("", "a")]), ("data: a:b: c\n\n", [("", "a:b: c")]),
        (" data: a\n\n", []), ("data: a\n", []), ("data: a", []), ("", []), ("\n\n\n", []),
        ("dataset: a\n\n", []),
    ])
    func streamsGiveTheirEventsHoweverTheyAreSplit(text: String, expected: [(String, String)]) throws {
        let wanted = expected.map { event($0.0, $0.1) }
        for ending in ["\n", "\r\n", "\r"] {
            let bytes = Array(
                text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: ending).utf8)
            #expect(try events([bytes]) == wanted)
            #expect(try events(bytes.map { [$0] }) == wanted)
            for cut in 0...bytes.count {
                #expect(try events([Array(bytes[..<cut]), [], Array(bytes[cut...])]) == wanted)
            }
        }
    }

    @Test func lineEndsMayBeMixed() throws {
        #expect(try events([Array("data: a\r\ndata: b\r\r\ndata: c\n\r".utf8)]) == [event("", "a\nb"), event("", "c")])
    }

    @Test func tooLongAnEventIsAnError() throws {
        let long = Array(("data: " + String(repeating: "x", count: 100)).utf8)
        for piece in [long, long + [10], long + [10, 10]] {
            var parser = SSEParser(limit: 100)
            #expect(throws: SSEError.self) { try parser.feed(piece) }
        }
        var parser = SSEParser(limit: 100)
        #expect(throws: SSEError.self) {
            for _ in 0..<20 { _ = try parser.feed(Array("data: 123456\n".utf8)) }
        }
        var enough = SSEParser(limit: 200)
        #expect(try enough.feed(long + [10, 10] + long + [10, 10]).count == 2)
    }
}
