import FoundationEssentials
import Testing

@testable import mixmyai

struct TaskFileTests {
    private func pieces(_ text: String, lines: Int = 2, bytes: Int = 1 << 20) throws -> [TaskFile.Piece] {
        let path = TemporaryPath.make()
        try Data(text.utf8).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        var file = try TaskFile(path: path, lineLimit: lines, byteLimit: bytes)
        var pieces: [TaskFile.Piece] = []
        while let piece = try file.next() { pieces.append(piece) }
        return pieces
    }

    private func texts(_ pieces: [TaskFile.Piece]) -> [String] {
        pieces.map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    @Test func piecesEndWithALineAndKnowTheirNumber() throws {
        let pieces = try pieces("a\nb\n\nd\ne")
        #expect(texts(pieces) == ["a\nb\n", "\nd\n", "e"])
        #expect(pieces.map(\.firstLine) == [1, 3, 5])
        #expect(pieces.map(\.lineCount) == [2, 2, 1])
    }

    @Test func longLinesAreNeverCut() throws {
        let long = String(repeating: "x", count: 700_000)
        let pieces = try pieces("\(long)\nb\n\(long)", lines: 100, bytes: 1000)
        #expect(pieces.flatMap(\.bytes) == Array("\(long)\nb\n\(long)".utf8))
        #expect(pieces.map(\.firstLine) == [1, 2, 3])
        #expect(pieces.map(\.lineCount) == [1, 1, 1])
    }

    @Test func anEmptyFileHasNoPieces() throws {
        #expect(try pieces("").isEmpty)
    }

    @Test func aMissingFileIsAnError() {
        #expect(throws: CommandError.self) { _ = try BacklogFile(path: "/nowhere/at/all").lines(count: nil) }
    }

    @Test func aBacklogIsRepeated() throws {
        let path = TemporaryPath.make()
        try Data("a\n\n  \nb\nc".utf8).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        func lines(_ count: Int?) throws -> [String] {
            try BacklogFile(path: path).lines(count: count).map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(try lines(nil) == ["a", "b", "c"])
        #expect(try lines(2) == ["a", "b"])
        #expect(try lines(5) == ["a", "b", "c", "a", "b"])
    }
}
