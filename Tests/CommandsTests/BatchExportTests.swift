import FleetCore
import Foundation
import JSON
import Testing

@testable import Commands

/// Results in files: gone on with where they ended, whatever was cut off.
@Suite struct BatchExportTests {
    private static func result(_ number: Int, _ answer: String = "All \"is\" well,\nor not") -> BatchResult {
        BatchResult(
            number: number, customID: "=row \(number)", taskID: "task_\(number)", status: .completed,
            completedAt: 1_764_158_400_000_000, limitations: [], failure: nil, cost: Decimal6(millionths: 12_500),
            answer: TaskAnswer(content: answer, metadata: [:], version: 1, completedAt: 0))
    }

    private func text(_ form: ResultForm, _ numbers: ClosedRange<Int>) -> String {
        form.head + numbers.map { form.text(Self.result($0), of: "batch_x") }.joined()
    }

    /// Cut after each byte in turn, as a kill may have left it.
    @Test(arguments: ResultForm.allCases) func aCutFileIsGoneOnWithAndHoldsEachResultOnce(form: ResultForm) throws {
        let whole = Array(text(form, 1...3).utf8)
        let path = NSTemporaryDirectory() + "export_\(UInt64.random(in: 0...UInt64.max))"
        defer { try? FileManager.default.removeItem(atPath: path) }
        for length in 0...whole.count {
            try Data(whole[..<length]).write(to: URL(fileURLWithPath: path))
            do {
                let file = try ResultFile(path: path, form: form)
                if file.isEmpty { try file.write(form.head) }
                let next = (file.cursor?.number ?? 0) + 1
                #expect(file.cursor.map { $0.batchID == "batch_x" } ?? true)
                if next <= 3 {
                    for number in next...3 { try file.write(form.text(Self.result(number), of: "batch_x")) }
                }
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(whole), "cut after \(length)")
        }
    }

    @Test func theSummaryGivesWayToWhatFollows() throws {
        let path = NSTemporaryDirectory() + "export_\(UInt64.random(in: 0...UInt64.max))"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let results = text(.jsonl, 1...2)
        try Data((results + #"{"summary":{"cursor":"batch_x.2","complete":false}}"# + "\n").utf8)
            .write(to: URL(fileURLWithPath: path))
        do {
            let file = try ResultFile(path: path, form: .jsonl)
            #expect(file.cursor == BatchCursor(batchID: "batch_x", number: 2))
            // One writer at a time.
            #expect(throws: CommandError.self) { try ResultFile(path: path, form: .jsonl) }
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == results)
    }

    @Test(arguments: ["my notes\n", "my notes", "{\"title\":\"t\"}\n", "a,b,c\n1,2,3\n"])
    func nobodyElsesFileIsTouched(content: String) throws {
        let path = NSTemporaryDirectory() + "export_\(UInt64.random(in: 0...UInt64.max))"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(content.utf8).write(to: URL(fileURLWithPath: path))
        for form in ResultForm.allCases {
            #expect(throws: CommandError.self) { try ResultFile(path: path, form: form) }
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == content)
    }

    @Test func cellsAreSafeForSpreadsheets() {
        #expect(ResultForm.cell("plain") == "plain")
        #expect(ResultForm.cell("a,\"b\"") == "\"a,\"\"b\"\"\"")
        for start in ["=", "+", "-", "@", "\t"] { #expect(ResultForm.cell(start + "1") == "'" + start + "1") }
        #expect(ResultForm.cell("\r1") == "\"'\r1\"")
        #expect(BatchCursor("batch_x.12")?.number == 12)
        for bad in ["", "batch_x", ".1", "batch_x.", "batch_x.-1", "batch_x.1a"] { #expect(BatchCursor(bad) == nil) }
    }
}
