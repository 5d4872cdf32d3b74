import FleetCore
import Gateway
import JSON
import Testing

/// Requests that servers on the way might read in another way, or that are made to hurt.
@Suite(.timeLimit(.minutes(1)))
struct HostileRequestTests {
    private static let unclear: [(Int, String)] = [
        // Which of the two lengths counts is a matter of taste; a request in the rest of the body is not.
        (
            400,
            "POST /api/v1/tasks HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        ),
        (
            400,
            "POST /api/v1/tasks HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"
        ),
        (400, "POST /api/v1/tasks HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef"),
        (400, "POST /api/v1/tasks HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\nabcde"),
        (400, "POST /api/v1/tasks HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n"),
        (400, "POST /api/v1/tasks HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nabcde"),
        (400, "POST /api/v1/tasks HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\nabcde"),
        (400, "POST /api/v1/tasks HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n"),
        (501, "POST /api/v1/tasks HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        (501, "POST /api/v1/tasks HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
        (400, "POST /api/v1/tasks HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
        (400, "POST /api/v1/tasks HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        (400, "POST /api/v1/tasks HTTP/1.1\r\nHost: a\r\nContent-Length : 5\r\n\r\nabcde"),
        (400, "GET /api/v1/tasks HTTP/1.1\r\nHost: a\r\nX: 1\r\n folded: 2\r\n\r\n"),
        (400, "GET /api/v1/tasks HTTP/1.1\r\nHost: a\r\nX: a\u{0}b\r\n\r\n"),
        (400, "GET /api/v1/tasks HTTP/1.1\r\nHost: a\r\n: empty\r\n\r\n"),
        (400, "GET /api/v1/tasks HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n"),
        // Whose request is it?
        (400, "GET /api/v1/tasks HTTP/1.1\r\n\r\n"), (400, "GET /api/v1/tasks HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
        (400, "GET /api/v1/tasks HTTP/1.1\r\nHost: a, b\r\n\r\n"),
        (400, "GET /api/v1/tasks HTTP/1.1\r\nHost: a/b@c\r\n\r\n"),
        // Targets.
        (400, "GET /api/v1/tasks/%zz HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "GET /api/v1/tasks/% HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "GET /api/v1/tasks?batch=%ff%fe HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "GET /api/v1/tasks?batch=%4 HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "GET /api/v1/tasks#top HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "GET /api/v1/\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "GET api/v1/tasks HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "GET ftp://a/api/v1/tasks HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "GET * HTTP/1.1\r\nHost: a\r\n\r\n"), (400, "GET / HTTP/1.1\r\nHost: a\r\nX: a\rY: b\r\n\r\n"),
        (400, "GET / HTTP/1.1\nHost: a\n\n"), (400, "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"), (400, "GET /\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost: a\nX: 1\r\n\r\n"),
        (400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\u{b}chunked\r\n\r\n0\r\n\r\n"),
        (
            400,
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        ),
        (501, "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"), (501, "PROPFIND / HTTP/1.1\r\nHost: a\r\n\r\n"),
        (501, "FOO / HTTP/1.1\r\nHost: a\r\n\r\n"),
        (505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), (505, "GET / HTTP/3.0\r\nHost: a\r\n\r\n"),
        (400, "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{fc}\u{3}\u{3}\r\n"), (400, "SSH-2.0-OpenSSH_9.2\r\n"),
    ]

    @Test func unclearRequestsAreRefusedAndEndTheConnection() async throws {
        try await GatewayServer.run { server in
            for (status, text) in Self.unclear {
                let answer = try await server.converse { socket in
                    // A smuggled request behind it must not be answered.
                    try socket.send(text + RawRequest().text)
                    let answer = try socket.answer()
                    #expect(try socket.isClosed())
                    return answer
                }
                #expect(answer.status == status, "\(text.prefix(100).debugDescription)")
                #expect(server.metrics.all.last == "other none \(status)")
                #expect(answer.headers["connection"] == "close")
                #expect(answer.headers["x-request-id"] != nil)
                #expect(try answer.json["message"]?.string?.isEmpty == false)
            }
        }
    }

    @Test func heads() async throws {
        try await GatewayServer.run { server in
            let long = String(repeating: "x", count: 40 << 10)
            let cases: [(RawRequest, Int)] = [
                (RawRequest(fields: ["X-Long: \(long)"]), 431),
                (RawRequest(fields: (0..<200).map { "X-\($0): 1" }), 431),
                (RawRequest(fields: (0..<40).map { "X-\($0): \(long.prefix(1 << 10))" }), 431),
                (RawRequest(target: "/api/v1/tasks?q=\(long.prefix(9 << 10))"), 414),
                (RawRequest(target: "/api/v1/tasks?q=\(long)"), 414),
                (RawRequest(target: "/" + String(repeating: "a/", count: 4000)), 404),
                (RawRequest(target: "/api/v1/tasks?batch=\(long.prefix(7 << 10))"), 200),
                (RawRequest(fields: ["X-Long: \(long.prefix(16 << 10))"]), 200),
            ]
            for (request, status) in cases {
                let text = request.text
                let found = try await server.converse { socket in
                    try socket.send(text)
                    return try socket.answer().status
                }
                #expect(found == status, "\(text.prefix(60))")
            }
        }
    }

    private static let targets = [
        ("http://gateway/api/v1/tasks", 200), ("HTTP://other.example:1/api/v1/tasks?limit=1", 200),
        ("https://user@x/api/v1/tasks", 200), ("http://gateway", 404), ("/api/v1/tasks/", 200),
        ("/api//v1/tasks", 404), ("//api/v1/tasks", 404), ("/api/v1/tasks//result", 404), ("//", 404), ("/", 404),
        ("/api/v1/./tasks", 404), ("/api/v1/../v1/tasks", 404), ("/api/v1/tasks/%2e%2e", 404),
        ("/api/v1/tasks/%00", 404), ("/api/v1/tasks/a%2Fresult", 404), ("/api/v1/%74asks", 404),
        ("/api/v1/tasks?batch=%00", 400), ("/api/v1/tasks?cursor=%00", 400), ("/api/v1/tasks?&&==&", 200),
        ("/api/v1/tasks?limit=%31", 200), ("/API/V1/TASKS", 404), ("/api/v1/tasks;x=1", 404), ("/api/v1/tasks?", 200),
        ("/api/v1/tasks/task_1/events?after=99999999999999999999", 400), ("/api/v1/tasks?limit=1%20OR%201", 400),
    ]

    @Test func targetsAreRoutedAsTheyStand() async throws {
        try await GatewayServer.run { server in
            let statuses = try await server.converse { socket in
                try Self.targets.map { target, _ in
                    try socket.send(RawRequest(target: target).text)
                    return try socket.answer().status
                }
            }
            for ((target, expected), status) in zip(Self.targets, statuses) {
                #expect(status == expected, "\(target)")
            }
        }
    }

    /// Who the host says it is makes no difference to what a key may do.
    @Test func absoluteTargetsChangeNothing() async throws {
        try await GatewayServer.run { server in
            let id = try await server.newTask(key: GatewayServer.userKey)
            let status = try await server.converse { socket in
                try socket.send(
                    "GET http://admin@127.0.0.1/api/v1/tasks/\(id) HTTP/1.1\r\nHost: x\r\n"
                        + "X-API-Key: \(GatewayServer.otherKey)\r\nX-Forwarded-For: 127.0.0.1\r\n\r\n")
                return try socket.answer().status
            }
            #expect(status == 404)
        }
    }

    // MARK: Bodies that are refused

    @Test func connectionsOutliveRefusals() async throws {
        try await GatewayServer.run { server in
            let requests: [(RawRequest, Int)] = [
                (RawRequest(method: "POST", body: "not json"), 400), (RawRequest(method: "POST", body: "{}"), 400),
                (RawRequest(target: "/nowhere"), 404), (RawRequest(method: "PUT", body: TaskBody.valid), 405),
                (RawRequest(method: "POST", target: "/nowhere", body: TaskBody.valid), 404),
                (RawRequest(method: "POST", target: "/api/v1/tasks:batch", body: TaskBody.valid), 415),
                (RawRequest(method: "POST", target: "/api/v1/tasks/none/revise", body: "[]"), 400),
                (RawRequest(method: "DELETE", target: "/api/v1/tasks/none", body: "{}"), 404),
                (RawRequest(method: "GET", body: String(repeating: "x", count: 1000)), 200),
            ]
            let texts = requests.map(\.0.text)
            let found = try await server.converse { socket in
                let found = try (texts + texts).map { text in
                    try socket.send(text)
                    return try socket.answer().status
                }
                try socket.send(texts.joined() + RawRequest(fields: ["Connection: close"]).text)
                let pipelined = try (0...texts.count).map { _ in try socket.answer().status }
                #expect(try socket.isClosed())
                return found + pipelined
            }
            let expected = requests.map(\.1)
            #expect(found == expected + expected + expected + [200])
        }
    }

    /// The client sends on for a while, as most do, and still finds its answer.
    @Test(arguments: [true, false]) func bodiesOverTheLimit(isChunked: Bool) async throws {
        try await GatewayServer.run { server in
            let size = 8 << 20
            let answer = try await server.converse { socket in
                let length = isChunked ? "Transfer-Encoding: chunked" : "Content-Length: \(size)"
                try socket.send(
                    RawRequest(method: "POST", fields: ["Content-Type: application/json", length]).text)
                let part = String(repeating: " ", count: 64 << 10)
                let chunk = isChunked ? "10000\r\n\(part)\r\n" : part
                for _ in 0..<size / part.utf8.count { try socket.send(chunk) }
                if isChunked { try socket.send("0\r\n\r\n") }
                let answer = try socket.answer()
                #expect(try socket.isClosed())
                return answer
            }
            #expect(answer.status == 413)
            #expect(answer.headers["connection"] == "close")
            #expect(try answer.json["details"]?["limit"]?.int == 1 << 20)
        }
    }

    @Test func brokenChunksFailTheirRequestOnly() async throws {
        try await GatewayServer.run { server in
            let statuses = try await server.converse { socket in
                try socket.send(RawRequest().text)
                try socket.send(
                    RawRequest(
                        method: "POST", fields: ["Content-Type: application/json", "Transfer-Encoding: chunked"]
                    ).text + "5\r\n{\"a\":\r\nZZ\r\n" + RawRequest().text)
                let statuses = [try socket.answer().status, try socket.answer().status]
                #expect(try socket.isClosed())
                return statuses
            }
            #expect(statuses == [200, 400])

            // In a bulk request the lines before are in, and the summary says that it is not all.
            let lines = try await server.converse { socket in
                try socket.send(
                    RawRequest(
                        method: "POST", target: "/api/v1/tasks:batch",
                        fields: ["Content-Type: application/jsonl", "Transfer-Encoding: chunked"]
                    ).text)
                let text = String(repeating: TaskBody.valid + "\n", count: 500)
                try socket.send("\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n")
                try socket.send("ZZ\r\n")
                let answer = try socket.answer()
                #expect(try socket.isClosed())
                return try answer.lines
            }
            #expect(lines.last?["summary"]?["complete"] == false)
            #expect(lines.last?["summary"]?["accepted"]?.int == lines.count - 1)
            #expect(try await server.count("tasks") == lines.count - 1)
        }
    }
}
