import FleetCore
import Foundation
import Gateway
import JSON
import PostgresClient
import TestServers
import Testing

@Suite(.serialized, .timeLimit(.minutes(3)))
struct BulkAPITests {
    private static let headers = ["Content-Type": "application/x-ndjson"]

    /// One object per line is taken; another form is named once, and nothing of it is taken.
    @Test func otherFormsAreNamedOnce() async throws {
        try await GatewayServer.run { server in
            let marked = "\u{FEFF}" + TaskBody.valid + "\r\n" + TaskBody.valid
            let taken = try await server.send("POST", "/api/v1/tasks:batch", marked, headers: Self.headers).lines
            #expect(taken.compactMap { $0["task_id"]?.string }.count == 2)
            let pretty = TaskBody.valid.replacing("{", with: "{\n").replacing(",", with: ",\n")
            for (body, words) in [
                ("[" + TaskBody.valid + ",\n" + TaskBody.valid + "]", "a JSON array"),
                (pretty, "JSON over several lines"),
                ("title,description\na,b\nc,d", "CSV"), ("PK\u{3}\u{4}\nx\ny", "a ZIP archive"),
            ] {
                let lines = try await server.send("POST", "/api/v1/tasks:batch", body, headers: Self.headers).lines
                #expect(lines.count { $0["summary"] == nil } == 1, "\(lines)")
                #expect(lines.first?["message"]?.string?.contains(words) == true, "\(lines)")
            }
            #expect(try await server.count("tasks") == 2)
        }
    }

    @Test func badLinesAreNamedAndGoodOnesGoIn() async throws {
        try await GatewayServer.run { server in
            let lines = [
                TaskBody.valid, "", "not json", #"{"title":1}"#,
                #"{"title":""# + String(repeating: "x", count: 1 << 20) + #""}"#, TaskBody.valid + "\r",
                #"{"title":"t","description":"01234567890123456789","batch":"other"}"#,
            ]
            let answer = try await server.send(
                "POST", "/api/v1/tasks:batch?batch=night%20run", lines.joined(separator: "\n"), headers: Self.headers)
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "application/x-ndjson")
            let json = try answer.lines
            #expect(json.compactMap { $0["line"]?.int } == [1, 3, 4, 5, 6, 7])
            #expect(
                json.last?["summary"]?.serialized()
                    == #"{"lines":6,"accepted":3,"replayed":0,"rejected":3,"batch":"night run","complete":true}"#)
            #expect(json[0].object?.keys == ["line", "task_id", "status", "custom_id", "replayed"])
            #expect(json[1]["error"]?.string == "ValidationError")
            #expect(json[1]["details"]?["body"]?.string == "column 2: text without quotes")
            #expect(json[2]["details"]?.object?.keys == ["title", "description"])
            #expect(json[3]["error"]?.string == "PayloadTooLarge")
            #expect(json[4]["status"]?.string == "pending")
            #expect(try await server.count("tasks") == 3)
            #expect(try await server.count("batches") == 1)
            let listed = try await server.send("GET", "/api/v1/tasks?batch=night%20run").json
            #expect(listed["pagination"]?["total"]?.int == 3)
        }
    }

    @Test func wrongRequestsAreRefusedAsAWhole() async throws {
        try await GatewayServer.run { server in
            #expect(try await server.send("POST", "/api/v1/tasks:batch", TaskBody.valid).status == 415)
            #expect(
                try await server.send("POST", "/api/v1/tasks:batch", "", key: nil, headers: Self.headers).status == 401)
            let name = String(repeating: "n", count: 201)
            let long = try await server.send("POST", "/api/v1/tasks:batch?batch=\(name)", "", headers: Self.headers)
            #expect(long.status == 400)
            let empty = try await server.send("POST", "/api/v1/tasks:batch", "", headers: Self.headers)
            #expect(empty.status == 200)
            #expect(try empty.lines.map { $0["summary"]?["lines"]?.int } == [0])
            let unknown = try await server.send("POST", "/api/v1/tasks:batch?answers=some", "", headers: Self.headers)
            #expect(unknown.status == 400)
            #expect(try unknown.json["details"]?["answers"]?.string == "must be one of all, failed, none")
            let zipped = try await server.send(
                "POST", "/api/v1/tasks:batch", "", headers: Self.headers.merging(["Content-Encoding": "gzip"]) { $1 })
            #expect(zipped.status == 415)
        }
    }

    @Test func userKeysHandInForTheirOwnUserOnly() async throws {
        try await GatewayServer.run { server in
            let lines = [TaskBody.valid, #"{"title":"t","description":"01234567890123456789","user_id":"otto"}"#]
            let answer = try await server.send(
                "POST", "/api/v1/tasks:batch", lines.joined(separator: "\n"), key: GatewayServer.userKey,
                headers: Self.headers)
            #expect(try answer.lines.dropLast().map { $0["error"]?.string } == [nil, "Forbidden"])
            #expect(try await server.count("tasks WHERE user_id = 'ursula'") == 1)
        }
    }

    @Test func clientsChooseWhatIsAnswered() async throws {
        try await GatewayServer.run { server in
            // A byte order mark and CRLF as Windows programs write them.
            let lines = "\u{FEFF}\(TaskBody.valid)\r\nbad\r\n\(TaskBody.valid)\r\n"
            for (choice, answered) in [("all", [1, 2, 3]), ("failed", [2]), ("none", [])] {
                let answer = try await server.send(
                    "POST", "/api/v1/tasks:batch?answers=\(choice)", lines, headers: Self.headers)
                let json = try answer.lines
                #expect(json.compactMap { $0["line"]?.int } == answered)
                let summary = try #require(json.last?["summary"])
                #expect(summary["lines"] == 3 && summary["accepted"] == 2 && summary["rejected"] == 1)
                #expect(summary["complete"] == true && summary["unanswered_from"] == nil)
            }
        }
    }

    /// What `requests` and `httpx` do: nothing is read before the last byte is sent.
    ///
    /// In a process of its own, so that no other test's memory is measured.
    /// The second time the answers are more than the system and the gateway keep, unless the gateway is the slower one.
    @Test(arguments: [(TaskBody.valid, 8 << 20), ("{}", 256 << 10)])
    func clientsThatSendBeforeTheyReadAreNotHeldUp(line: String, answerBytes: Int) async {
        await #expect(processExitsWith: .success) { [line, answerBytes] in
            let total = 100_000
            let accepted = line == TaskBody.valid ? total : 0
            try await GatewayServer.run(configure: { $0.bulkAnswerBytes = answerBytes }) { server in
                let before = Self.residentKilobytes()
                let answer = try await server.converse(receiveBuffer: 4096) { socket in
                    try socket.send(
                        RawRequest(
                            method: "POST", target: "/api/v1/tasks:batch?batch=blind",
                            fields: ["Content-Type: application/x-ndjson", "Transfer-Encoding: chunked"]
                        ).text)
                    let lines = String(repeating: line + "\n", count: 100)
                    let chunk = "\(String(lines.utf8.count, radix: 16))\r\n\(lines)\r\n"
                    for _ in 0..<total / 100 { try socket.send(chunk) }
                    try socket.send("0\r\n\r\n")
                    // The client holds nothing yet.
                    let grown = Self.residentKilobytes() - before
                    #expect(grown < answerBytes / 1024 + 8 * 1024, "resident memory grew by \(grown) kB")
                    return try socket.answer()
                }
                let lines = answer.body.split(separator: UInt8(ascii: "\n"))
                let last = try JSONValue(parsing: try #require(lines.last))
                let summary = try #require(last["summary"])
                #expect(summary["lines"]?.int == total && summary["complete"] == true)
                #expect(summary["accepted"]?.int == accepted)
                #expect(try await server.count("tasks") == accepted)
                // Either every line is answered, or the summary says from which on none is.
                let answered = lines.count - 1
                #expect(summary["unanswered_from"]?.int == (answered == total ? nil : answered + 1))
                // Whether there were more than fit depends on how soon the client came to read.
                if answerBytes >= 8 << 20 { #expect(answered == total) }
            }
        }
    }

    /// Whoever leaves has handed in what was written; the gateway goes on with others.
    @Test func clientsThatLeaveInTheMiddleLeaveWholeChunks() async throws {
        try await GatewayServer.run { server in
            let lines = String(repeating: TaskBody.valid + "\n", count: 500)
            try await server.converse { socket in
                try socket.send(
                    RawRequest(
                        method: "POST", target: "/api/v1/tasks:batch",
                        fields: ["Content-Type: application/x-ndjson", "Content-Length: 100000000"]
                    ).text + lines)
                // Its answers say that the chunk is written; half a line follows.
                _ = try socket.answer(toHead: true)
                _ = try socket.some()
                try socket.send(String(TaskBody.valid.dropLast(5)))
            }
            #expect(try await server.send("GET", "/api/v1/tasks").json["pagination"]?["total"]?.int == 500)
        }
    }

    /// In a process of its own, as above.
    ///
    /// The client sends the second half only when it has answers to the first, and every tenth line is bad.
    @Test func twentyThousandLinesStreamInBoundedMemory() async {
        await #expect(processExitsWith: .success) {
            let total = 20_000
            try await GatewayServer.run { server in
                let description = String(repeating: "d", count: 1000)
                let (goOn, answered) = AsyncStream<Void>.makeStream()
                let body = LineStream(total: total, description: description, pauseAt: 5000, goOn: goOn)
                var headers = Self.headers
                headers["X-API-Key"] = GatewayServer.adminKey
                var (count, good, peak) = (0, 0, 0)
                var lastLine: [UInt8] = []
                let before = Self.residentKilobytes()
                try await HTTPExchange(port: server.port).run("POST", "/api/v1/tasks:batch?batch=big", headers, body) {
                    part in
                    if count == 0, part.contains(UInt8(ascii: "{")) { answered.yield() }
                    lastLine += part
                    while let end = lastLine.firstIndex(of: UInt8(ascii: "\n")) {
                        let line = lastLine[..<end]
                        lastLine = Array(lastLine[(end + 1)...])
                        guard line.starts(with: Array("{\"line\":".utf8)) else { continue }
                        count += 1
                        if line.contains(UInt8(ascii: "_")), line.count < 120 { good += 1 }
                    }
                    peak = max(peak, Self.residentKilobytes())
                }
                answered.finish()
                #expect(count == total)
                #expect(good == total * 9 / 10)
                #expect(try await server.count("tasks") == total * 9 / 10)
                #expect(try await server.count("events") == total * 9 / 10)
                #expect(server.nudges.value == total / 500)
                // 20 MB of lines went through, and as many bytes of rows.
                #expect(peak - before < 16 * 1024, "resident memory grew by \(peak - before) kB")
            }
        }
    }

    /// The process's resident memory.
    private static func residentKilobytes() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
    }
}

/// Lines made when they are asked for.
private struct LineStream: AsyncSequence, Sendable {
    let total: Int
    let description: String
    let pauseAt: Int
    let goOn: AsyncStream<Void>

    func makeAsyncIterator() -> Iterator { Iterator(stream: self) }

    struct Iterator: AsyncIteratorProtocol {
        let stream: LineStream
        var sent = 0

        mutating func next() async -> [UInt8]? {
            guard sent < stream.total else { return nil }
            if sent == stream.pauseAt { for await _ in stream.goOn { break } }
            var lines = ""
            for number in sent..<sent + 20 {
                lines += number % 10 == 9 ? "{\"title\":\"bad\"}\n" : Self.line(number, stream.description)
            }
            sent += 20
            return Array(lines.utf8)
        }

        static func line(_ number: Int, _ description: String) -> String {
            "{\"title\":\"Task \(number)\",\"description\":\"\(description)\"}\n"
        }
    }
}
