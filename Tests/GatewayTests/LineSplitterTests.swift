import Testing

@testable import Gateway

struct LineSplitterTests {
    private func lines(_ parts: [String], limit: Int = 10) -> [String] {
        var (splitter, found) = (LineSplitter(limit: limit), [LineSplitter.Line]())
        for part in parts { splitter.append(Array(part.utf8)) { found.append($0) } }
        if let last = splitter.finish() { found.append(last) }
        return found.map { line in
            switch line {
            case .tooLong: "TOO LONG"
            case .text(let bytes): String(decoding: bytes, as: UTF8.self)
            }
        }
    }

    @Test func linesDoNotDependOnHowTheBytesCome() {
        let text = "one\n\nthree\r\nfour"
        let expected = ["one", "", "three\r", "four"]
        #expect(lines([text]) == expected)
        #expect(lines(text.unicodeScalars.map { String($0) }) == expected)
        #expect(lines(["", "one\n", "", "\nthree\r", "\nfo", "ur"]) == expected)
    }

    @Test func longLineIsOneErrorAndTheNextIsFine() {
        #expect(lines(["0123456789\n01234567890\nok\n"]) == ["0123456789", "TOO LONG", "ok"])
        #expect(lines(["01234", "56789", "0", "123\n", "ok"]) == ["TOO LONG", "ok"])
        #expect(lines(["01234567890"]) == ["TOO LONG"])
    }

    @Test func emptyStreamHasNoLines() {
        #expect(lines([]) == [])
        #expect(lines([""]) == [])
    }
}
