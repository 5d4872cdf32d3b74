import FleetCore
import Foundation
import JSON
import Testing

@testable import Commands

/// Whatever a file of tasks is written as, the gateway gets JSON Lines, or the user one sentence.
struct TaskFormTests {
    private static let first = #"{"title":"Ümlaut 😀","description":"A description, with \"quotes\"\nand a line end"}"#
    private static let second = #"{"title":"Two","description":"Another; one","context":{"year":2026}}"#

    /// Each task as JSON, with its line of the file.
    private func tasks(_ bytes: [UInt8], lineLimit: Int = 1000) throws -> [(line: Int, task: JSONValue)] {
        try TemporaryPath.with(bytes) { path in
            var file = try TaskFile(path: path, lineLimit: lineLimit)
            var tasks: [(line: Int, task: JSONValue)] = []
            while let piece = try file.next() {
                #expect(piece.refusals.isEmpty, "\(piece.refusals)")
                // A last line may have no line feed.
                var lines = piece.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                if lines.last?.isEmpty == true { lines.removeLast() }
                #expect(lines.count == piece.lines.count)
                for (line, text) in zip(piece.lines, lines) where text.contains(where: { $0 > 0x20 }) {
                    tasks.append((line, try JSONValue(parsing: Array(text))))
                }
            }
            return tasks
        }
    }

    private func refusal(_ bytes: [UInt8]) -> String {
        do {
            let tasks = try tasks(bytes)
            return "accepted: \(tasks)"
        } catch { return "\(error)" }
    }

    private static let expected: [JSONValue] = [
        ["title": "Ümlaut 😀", "description": "A description, with \"quotes\"\nand a line end"],
        ["title": "Two", "description": "Another; one", "context": ["year": 2026]],
    ]

    static let forms: [(name: String, text: String, lines: [Int])] = [
        ("JSON Lines", "\(first)\n\(second)\n", [1, 2]),
        ("CRLF", "\(first)\r\n\r\n\(second)\r\n", [1, 3]),
        ("line ends of old Macs", "\(first)\r\(second)\r", [1, 2]),
        ("an array on a line", "[\(first), \(second)]", [1, 1]),
        ("an array", "[\n  \(first),\n\n  \(second)\n]\n", [2, 4]),
        ("pretty objects", pretty(first) + "\n" + pretty(second), [1, 5]),
        ("pretty objects without space", pretty(first) + pretty(second), [1, 4]),
        ("objects on one line and then not", "{\n" + first.dropFirst() + second, [1, 2]),
        ("arrays one after another", "[\(first)]\n[\(second)]", [1, 2]),
        ("space around", "\n\n  \(first)  \n\t\(second)", [3, 4]),
        (
            "CSV",
            "title,description,context\n\"Ümlaut 😀\",\"A description, with \"\"quotes\"\"\nand a line end\",\n"
                + "Two,Another; one,\"{\"\"year\"\": 2026}\"\n", [2, 4]
        ),
        (
            "CSV with semicolons, CRLF and other letters",
            "Title;DESCRIPTION;Context\r\n"
                + "Ümlaut 😀;\"A description, with \"\"quotes\"\"\nand a line end\";\r\n\r\n"
                + "Two;\"Another; one\";{\"year\": 2026}\r\n", [2, 5]
        ),
        (
            "CSV with tabs",
            "description\ttitle\tcontext\n\"A description, with \"\"quotes\"\"\nand a line end\"\tÜmlaut 😀\t\n"
                + "Another; one\tTwo\t\"{\"\"year\"\":2026}\"", [2, 4]
        ),
        (
            "CSV that names its separator",
            "sep=;\ntitle;description;context\nÜmlaut 😀;\"A description, with \"\"quotes\"\"\n"
                + "and a line end\";\nTwo;\"Another; one\";\"{\"\"year\"\":2026}\"", [3, 5]
        ),
    ]

    private static func pretty(_ object: String) -> String {
        "{\n  " + object.dropFirst().dropLast().replacing(",\"description\"", with: ",\n\"description\"") + "\n}"
    }

    private static let encodings: [(name: String, encode: @Sendable (String) -> [UInt8])] = [
        ("UTF-8", { Array($0.utf8) }), ("UTF-8 with mark", { [0xEF, 0xBB, 0xBF] + Array($0.utf8) }),
        ("UTF-16 LE with mark", { [0xFF, 0xFE] + utf16($0, false) }), ("UTF-16 LE", { utf16($0, false) }),
        ("UTF-16 BE with mark", { [0xFE, 0xFF] + utf16($0, true) }), ("UTF-16 BE", { utf16($0, true) }),
    ]

    private static func utf16(_ text: String, _ isBig: Bool) -> [UInt8] {
        text.utf16.flatMap { isBig ? [UInt8($0 >> 8), UInt8($0 & 255)] : [UInt8($0 & 255), UInt8($0 >> 8)] }
    }

    static func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-c"]
        let (input, output) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        let writer = input.fileHandleForWriting
        Thread.detachNewThread {
            writer.write(Data(bytes))
            try? writer.close()
        }
        let packed = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Array(packed)
    }

    @Test(arguments: forms.indices) func everyFormIsReadInEveryEncoding(form: Int) throws {
        let (name, text, lines) = Self.forms[form]
        for encoding in Self.encodings {
            let bytes = encoding.encode(text)
            for (packing, packed) in [("", bytes), (" gzip", try Self.gzip(bytes))] {
                // Without a mark a text that begins with a line end or another letter cannot be told from its zeros alone.
                let tasks = try tasks(packed)
                let place: Comment = "\(name), \(encoding.name)\(packing)"
                #expect(tasks.map(\.task) == Self.expected, place)
                #expect(tasks.map(\.line) == lines, place)
            }
        }
    }

    @Test func gzipMembersAreOneText() throws {
        let packed = try Self.gzip(Array("\(Self.first)\n".utf8)) + Self.gzip(Array(Self.second.utf8)) + [0, 0, 0]
        #expect(try tasks(packed).map(\.task) == Self.expected)
        #expect(refusal(Array(packed.prefix(packed.count - 30))).contains("gzip data: it was cut off"))
        var damaged = packed
        damaged[20] ^= 0x55
        #expect(refusal(damaged).contains("damaged gzip data"))
        let twice = try Self.gzip(Self.gzip(Array(Self.first.utf8)))
        #expect(refusal(twice).contains("is gzip data"))
    }

    @Test func surrogatesAcrossPiecesStayWhole() throws {
        // One byte off the size of a read, so that every border falls into a character sooner or later.
        for shift in 0..<4 {
            let text =
                #"{"title":""# + String(repeating: "x", count: shift) + String(repeating: "😀", count: 200_000) + #""}"#
            let tasks = try tasks([0xFF, 0xFE] + Self.utf16(text, false))
            #expect(tasks.first?.task["title"]?.string?.count == 200_000 + shift)
        }
        #expect(refusal([0xFF, 0xFE, 0x7B, 0x00, 0x00, 0xD8, 0x7D, 0x00]).contains("surrogate"))
        #expect(refusal([0xFF, 0xFE] + Self.utf16("{}", false) + [0x0A]).contains("cut off"))
    }

    @Test(arguments: [
        ("[{\"title\":\"x\",}]", "line 1, column 15: a comma before the closing brace"),
        ("{\n  \"title\": 'x'\n}", "line 2, column 12: single quotes"), ("[{\"title\":\"x\"}", "an array is open"),
        ("{\n\"title\":\"x\"\n},\n{\n\"title\":\"y\"\n}", "a comma after the value"),
        ("{\n\"title\": NaN}", "NaN is not JSON"), ("[1, 2]", "whose element at line 1 is no object"),
        ("{\n\"tasks\": [{\"title\":\"x\"}]}", "its list \"tasks\" may be meant"),
        ("{\"tasks\": [\n{\"title\":\"x\"}]}", "its list \"tasks\" may be meant"),
        ("title,description,due_date\na,b,c", "unknown column \"due_date\"; columns are title, description, priority"),
        ("title,description,title\na,b,c", "two columns \"title\""), ("title,notes\na,b", "unknown column \"notes\""),
        ("name,age\na,b", "unknown column \"name\""), ("title\nx", "no columns title and description"),
        ("title,description\n\"a,b", "quotes opened at line 2 are never closed"),
        ("title,description\n\"a\"b,c", "text right after the closing quotes at line 2"),
        ("<tasks/>", "is XML or HTML"), ("---\n- title: x", "is YAML"), ("- title: x\n", "is YAML"),
        ("just some words\nand more", "holds no tasks: line 1 is no JSON object"), ("5\n6", "holds no tasks"),
        ("PK\u{3}\u{4}....", "a workbook (xlsx, ods)"), ("%PDF-1.7", "a PDF"), ("PAR1....", "a Parquet file"),
    ])
    func whatCannotBeReadIsSaidOnce(text: String, words: String) {
        let message = refusal(Array(text.utf8))
        #expect(message.contains(words), "\(message)")
        #expect(!message.contains("\n"))
    }

    @Test(
        arguments: [
            ([0x28, 0xB5, 0x2F, 0xFD, 0, 0], "zstd"), ([0xFF, 0xFE, 0, 0, 0x7B, 0, 0, 0], "UTF-32"),
            (Array("title,description\nM".utf8) + [0xFC] + Array("ller,x".utf8), "save it as \"CSV UTF-8\""),
            (Array("[{\"title\":\"M".utf8) + [0xFC] + Array("ller\"}]".utf8), "bytes that are not UTF-8"),
        ] as [([UInt8], String)])
    func otherBytesAreNamed(bytes: [UInt8], words: String) {
        #expect(refusal(bytes).contains(words), "\(refusal(bytes))")
    }

    @Test func aBadRowIsRefusedAndTheOthersGoOn() throws {
        let text = """
            title,description,context,context.region,,priority
            a,b,,EMEA,,HIGH
            a,b
            c,d,"{""region"":""x""}",APAC,,
            e,f,[1],,,
            g,h,{bad},,,
            i,j,,,stray,
            k,l,,,,
            """
        try TemporaryPath.with(Array(text.utf8)) { path in
            var file = try TaskFile(path: path)
            let piece = try #require(try file.next())
            #expect(piece.lines == [2, 8])
            #expect(piece.refusals.map(\.line) == [3, 4, 5, 6, 7])
            for (refusal, words) in zip(
                piece.refusals,
                [
                    "has 2 cells, the first line 6", "\"region\" is there twice", "must be a JSON object",
                    "the key bad has no quotes", "a column without a name",
                ])
            { #expect(refusal.message.contains(words), "\(refusal)") }
            let first = try JSONValue(parsing: Array(piece.bytes.prefix { $0 != 0x0A }))
            #expect(first == ["title": "a", "description": "b", "context": ["region": "EMEA"], "priority": "high"])
        }
    }

    /// The first line decides, also if it has a fault: the lines after it are tasks.
    @Test(arguments: [#"{"title":"x",}"#, #"{'title':'x'}"#, #"{"title":"x""#, #"{"title":"x"} // why"#])
    func aFaultInTheFirstLineLeavesJSONLinesWhatTheyAre(line: String) throws {
        try TemporaryPath.with(Array("\(line)\n\(Self.second)\n".utf8)) { path in
            var file = try TaskFile(path: path)
            let piece = try #require(try file.next())
            #expect(piece.lines == [1, 2])
            #expect(piece.bytes == Array("\(line)\n\(Self.second)\n".utf8))
        }
    }

    @Test func manyRefusalsOfAKindAreSaidAFewTimes() {
        var report = RefusalReport()
        let said = (1...1000).compactMap {
            report.line(for: .init(line: $0, message: "column \($0 % 7): single quotes"))
        }
        #expect(said.count == 10 && said[0] == "line 1: column 1: single quotes")
        #expect(report.line(for: .init(line: 1001, message: "title: is required")) == "line 1001: title: is required")
        #expect(report.summary == ["and 990 more lines like that, the last one line 1000: column 1: single quotes"])
    }
}
