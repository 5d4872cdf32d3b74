import FleetCore
import JSON
import Testing

@testable import Commands
@testable import FleetStore

/// What the live view draws, whatever the terminal's size and whatever things are called.
struct TopScreenTests {
    private static let hostile = [
        "\u{1B}[2J\u{1B}]0;owned\u{7}", "日本語の分析エージェント", "👩‍👩‍👧‍👦🇩🇪☠️", "e\u{301}\u{301}\u{301}", "a\nb\r\tc", "\u{202E}gnp.exe",
        "", String(repeating: "x", count: 300), String(repeating: "界", count: 200),
    ]

    private static func model(_ types: [String]) -> TopModel {
        var model = TopModel()
        model.show(TopModelTests.snapshot(types.map { TopModelTests.queue($0) }, workers: types))
        return model
    }

    private static let sizes = [
        (1, 1), (2, 7), (10, 40), (24, 80), (3, 200), (50, 132), (200, 13), (0, 0),
    ]

    /// Nothing gets through to the terminal that it would obey, and no line is too long or too short.
    private static func check(_ model: TopModel, _ rows: Int, _ columns: Int) {
        let lines = TopScreen(rows: rows, columns: columns).lines(model)
        #expect(lines.count == max(1, rows))
        for line in lines {
            #expect(CellText.width(line.plain) == max(1, columns), "\(rows)x\(columns): \(line.plain.debugDescription)")
            #expect(
                line.plain.unicodeScalars.allSatisfy {
                    ![.control, .lineSeparator].contains($0.properties.generalCategory) && $0.value != 0x202E
                })
        }
    }

    @Test(arguments: sizes) func everySizeIsFilledExactly(rows: Int, columns: Int) {
        var model = Self.model(Self.hostile)
        for _ in TopModel.Pane.allCases {
            for _ in Self.hostile {
                Self.check(model, rows, columns)
                _ = model.press(.down)
            }
            _ = model.press(.tab)
        }
        _ = model.press(.character("?"))
        Self.check(model, rows, columns)
        _ = model.press(.escape)
        model.show(letters: Self.hostile.enumerated().map { .init(id: $0, line: $1) }, title: Self.hostile[0])
        Self.check(model, rows, columns)
        model.show(text: Self.hostile.joined(separator: "\n"))
        Self.check(model, rows, columns)
        _ = model.press(.escape)
        _ = model.press(.character("p"))
        for character in Self.hostile.joined() { _ = model.press(.character(character)) }
        Self.check(model, rows, columns)
        _ = model.press(.escape)
        model.tell(Self.hostile[0])
        model.show(problem: Self.hostile[0])
        Self.check(model, rows, columns)
        Self.check(TopModel(), rows, columns)
    }

    @Test func onAUsualTerminalEverythingIsThere() {
        let model = Self.model(["legal", "writer"])
        let lines = TopScreen(rows: 30, columns: 120).lines(model).map(\.plain)
        let text = lines.joined(separator: "\n")
        #expect(lines[0].contains("9 tasks open  16 steps waiting  4 running  300 calls/min  $0.5000/min"))
        for word in [
            "NEEDS ATTENTION", "[QUEUES]", "WORKERS", "MODELS AND LIMITS", "75 %", "letters abc123", "tab pane",
        ] {
            #expect(text.contains(word), "\(word)")
        }
        #expect(lines.contains { $0.hasPrefix("> legal") })
        #expect(lines.contains { $0.hasPrefix("  writer") })
    }

    /// 40 by 10: the pane in focus, whose selected line is in sight.
    @Test func aTinyTerminalShowsThePaneInFocusAndItsSelectedLine() {
        var model = Self.model((10..<40).map { "type-\($0)" })
        for _ in 0..<17 { _ = model.press(.down) }
        let lines = TopScreen(rows: 10, columns: 40).lines(model).map(\.plain)
        #expect(lines.contains { $0.hasPrefix("> type-27") })
        #expect(!lines.contains { $0.contains("WORKERS") })
        #expect(lines.contains { $0.contains("[QUEUES] (5 of 30)") })
    }

    @Test func whatIsOfBeforeSaysSo() {
        var model = Self.model(["legal"])
        model.show(problem: "no route to host")
        let text = TopScreen(rows: 24, columns: 80).lines(model).map(\.plain).joined(separator: "\n")
        #expect(text.contains("fleet away") && text.contains("no route to host") && text.contains("legal"))
        model.show(TopModelTests.snapshot([TopModelTests.queue("legal")]))
        #expect(!TopScreen(rows: 24, columns: 80).lines(model).map(\.plain).joined().contains("away"))
    }

    @Test func withoutColourThereIsNoEscape() {
        let lines = TopScreen(rows: 24, columns: 80).lines(Self.model(["legal"]))
        #expect(lines.allSatisfy { !$0.text(TextStyle(isColored: false)).contains("\u{1B}") })
        #expect(lines.contains { $0.text(TextStyle(isColored: true)).contains("\u{1B}[7m") })
    }

    @Test func wideCharactersAreCutAtTheirEdge() {
        #expect(CellText.fit("日本語", 6) == "日本語")
        #expect(CellText.fit("日本語", 5) == "日本…")
        #expect(CellText.fit("日本語", 4) == "日… ")
        #expect(CellText.fit("ab", 4, isRight: true) == "  ab")
        #expect(CellText.fit("ab", 0).isEmpty)
        #expect(CellText.fit("日", 1) == "…")
        #expect(CellText.wrapped("日本語\n\nab\u{1B}", 5) == ["日本", "語", "", "ab\u{FFFD}"])
    }

    @Test func withoutATerminalTheSameIsText() {
        let snapshot = TopModelTests.snapshot([TopModelTests.queue("legal\u{1B}[2J")])
        let text = TopReport.text(snapshot)
        #expect(text.contains("QUEUES") && text.contains("300 calls/min") && !text.contains("\u{1B}"))
        #expect(TopReport.json(snapshot)["models"]?.array?.first?["limit_used"]?.double == 0.75)
    }
}
