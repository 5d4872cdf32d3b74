import FleetCore
import JSON
import Testing

@testable import Commands

/// What is seen of a file before it is handed in.
@Suite struct BacklogLinesTests {
    private static func line(_ title: String, _ more: String = "") -> String {
        #"{"title":"\#(title)","description":"A description of at least twenty characters"\#(more)}"#
    }

    private func piece(_ lines: [String], from first: Int = 1) -> TaskFile.Piece {
        TaskFile.Piece(
            bytes: Array(lines.map { $0 + "\n" }.joined().utf8), lines: Array(first..<first + lines.count))
    }

    /// A file goes out in several requests; what is equal in two of them is two tasks all the same.
    @Test func equalLinesAreToldApartAcrossRequests() throws {
        var lines = BacklogLines(batch: "b")
        let first = lines.look(piece([Self.line("x"), Self.line("y"), "", Self.line("x")]))
        #expect(first.tasks == 3 && first.problems.isEmpty)
        #expect(
            String(decoding: first.piece.bytes, as: UTF8.self)
                == [Self.line("x"), Self.line("y"), "", Self.line("x", #","occurrence":2"#)].map { $0 + "\n" }.joined())
        let second = lines.look(piece([Self.line("x"), Self.line("x", #","custom_id":"1""#)], from: 5))
        let text = String(decoding: second.piece.bytes, as: UTF8.self)
        #expect(text.hasPrefix(Self.line("x", #","occurrence":3"#) + "\n"))
        #expect(text.hasSuffix(#""custom_id":"1"}"# + "\n"), "a name of its own is enough")
        var alone = BacklogLines(batch: nil)
        let plain = piece([Self.line("x"), Self.line("x")])
        #expect(alone.look(plain).piece == plain, "outside of a batch nothing is told apart")
    }

    @Test func everyLineThatIsNotUnderstoodIsNamed() throws {
        var lines = BacklogLines(batch: "b")
        let found = lines.look(
            piece(
                [
                    "{\"title\":", #"{"title":"t","description":"short"}"#, "[1]",
                    Self.line("x", #","titel":1,"Batch":"b""#),
                ], from: 7))
        #expect(found.tasks == 1 && found.problems.map(\.line) == [7, 8, 9])
        #expect(
            found.problems[1].message.contains("description") && found.problems[1].message.contains("20 characters"))
        #expect(lines.notes.count == 2 && lines.notes.allSatisfy { $0.contains("line 10") && $0.contains("custom_id") })
        // Nothing is left out of what is sent: the gateway has the last word.
        #expect(found.piece.lines == [7, 8, 9, 10])
    }

    @Test func customIDsComeFromCSVToo() throws {
        var records = try TaskRecords.csv(
            Array("custom_id,title,description\r\nr-1,t,\"A description of at least, twenty\"\r\n".utf8), of: "f")
        let next = records.next(lineLimit: 10, byteLimit: 1000)
        let piece = try #require(next)
        let value = try JSONValue(parsing: String(decoding: piece.bytes, as: UTF8.self).split(separator: "\n")[0])
        #expect(try TaskSubmission.validate(value).customID == "r-1")
    }
}
