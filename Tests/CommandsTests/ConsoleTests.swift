import Testing

@testable import Commands

struct ConsoleTests {
    private let plain = TextStyle(isColored: false)

    private var table: TextTable {
        var table = TextTable([
            .init("NAME"), .init("N", isNumeric: true), .init("STATE", isState: true), .init("TITLE"),
        ])
        table.add(["a", "1", "completed", "short"])
        table.add(["longer", "100", "failed", "a title that is\nlong\u{1B}[2J"])
        return table
    }

    @Test func columnsAreAligned() {
        #expect(
            table.rendered(width: nil, style: plain) == """
                NAME      N  STATE      TITLE
                a         1  completed  short
                longer  100  failed     a title that is long\u{FFFD}[2J
                """)
    }

    @Test func theLastColumnIsCutToTheTerminal() {
        let lines = table.rendered(width: 36, style: plain).split(separator: "\n")
        #expect(lines[2] == "longer  100  failed     a title tha…")
        #expect(lines.allSatisfy { $0.count <= 36 })
    }

    @Test func coloursDoNotShiftColumns() {
        let text = table.rendered(width: nil, style: TextStyle(isColored: true))
        #expect(text.contains("\u{1B}[32mcompleted\u{1B}[0m  short"))
        #expect(text.contains("\u{1B}[31mfailed\u{1B}[0m     a title"))
    }

    @Test func colourFollowsModeTerminalAndEnvironment() {
        #expect(ColorMode.auto.isColored(isTerminal: true, environment: [:]))
        #expect(ColorMode.auto.isColored(isTerminal: true, environment: ["NO_COLOR": ""]))
        #expect(!ColorMode.auto.isColored(isTerminal: true, environment: ["NO_COLOR": "1"]))
        #expect(!ColorMode.auto.isColored(isTerminal: true, environment: ["TERM": "dumb"]))
        #expect(!ColorMode.auto.isColored(isTerminal: false, environment: [:]))
        #expect(ColorMode.always.isColored(isTerminal: false, environment: ["NO_COLOR": "1"]))
        #expect(!ColorMode.never.isColored(isTerminal: true, environment: [:]))
    }

    @Test func controlCharactersNeverReachTheTerminal() {
        #expect(PlainText.line("a\u{1B}]0;x\u{7}b\nc\u{202E}d") == "a\u{FFFD}]0;x\u{FFFD}b c\u{FFFD}d")
        #expect(PlainText.block("a\n\tb\u{1B}[31m\r") == "a\n\tb\u{FFFD}[31m\u{FFFD}")
    }

    @Test func timesAreShort() {
        #expect(PlainText.time("2026-11-22T10:00:05.123456Z") == "2026-11-22 10:00:05")
        #expect(PlainText.time(nil) == "-")
        #expect(PlainText.duration(seconds: 75) == "1:15")
        #expect(PlainText.duration(seconds: 3675) == "1:01:15")
    }

    @Test func aFindingSaysWhatToDo() {
        #expect(Finding.fine("disk", "much").line(plain) == "ok       disk              much")
        #expect(
            Finding.problem("disk", "none", "make room").line(plain) == "problem  disk              none: make room")
    }
}
