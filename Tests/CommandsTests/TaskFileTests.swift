import FoundationEssentials
import Testing

@testable import Commands

struct TaskFileTests {
    private func pieces(_ bytes: [UInt8], lines: Int = 1000, limit: Int = 4 << 20) throws -> [TaskFile.Piece] {
        try TemporaryPath.with(bytes) { path in
            var file = try TaskFile(path: path, lineLimit: lines, byteLimit: limit)
            var pieces: [TaskFile.Piece] = []
            while let piece = try file.next() { pieces.append(piece) }
            return pieces
        }
    }

    private func pieces(_ text: String, lines: Int = 2, limit: Int = 1 << 20) throws -> [TaskFile.Piece] {
        try pieces(Array(text.utf8), lines: lines, limit: limit)
    }

    private func texts(_ pieces: [TaskFile.Piece]) -> [String] {
        pieces.map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    @Test func piecesEndWithALineAndKnowTheirNumber() throws {
        let pieces = try pieces("{}\nb\n\nd\ne")
        #expect(texts(pieces) == ["{}\nb\n", "\nd\n", "e"])
        #expect(pieces.map(\.lines) == [[1, 2], [3, 4], [5]])
    }

    @Test func longLinesAreNeverCut() throws {
        let long = "{\"a\":\"" + String(repeating: "x", count: 700_000) + "\"}"
        let pieces = try pieces("\(long)\nb\n\(long)", lines: 100, limit: 1000)
        #expect(pieces.flatMap(\.bytes) == Array("\(long)\nb\n\(long)".utf8))
        #expect(pieces.map(\.lines) == [[1], [2], [3]])
    }

    @Test func anEmptyFileHasNoPieces() throws {
        #expect(try pieces("").isEmpty)
        #expect(try pieces([0xEF, 0xBB, 0xBF]).isEmpty)
        #expect(try pieces([0xFF, 0xFE]).isEmpty)
    }

    @Test func aMissingFileIsAnError() {
        #expect(throws: CommandError.self) { _ = try BacklogFile(path: "/nowhere/at/all").lines(count: nil) }
    }

    @Test func aBacklogIsRepeated() throws {
        try TemporaryPath.with(Array("{}\n\n  \nb\nc".utf8)) { (path) throws in
            func lines(_ count: Int?) throws -> [String] {
                try BacklogFile(path: path).lines(count: count).map { String(decoding: $0, as: UTF8.self) }
            }
            #expect(try lines(nil) == ["{}", "b", "c"])
            #expect(try lines(2) == ["{}", "b"])
            #expect(try lines(5) == ["{}", "b", "c", "{}", "b"])
        }
    }
}
