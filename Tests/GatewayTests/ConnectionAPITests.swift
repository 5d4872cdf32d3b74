import FleetCore
import Foundation
import Gateway
import HTTPServing
import JSON
import Testing

/// How the gateway treats connections, byte by byte.
@Suite(.timeLimit(.minutes(1)))
struct ConnectionAPITests {
    // MARK: Upgrade

    private static let upgrades = [
        ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"],
        ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: eA==", "Sec-WebSocket-Version: 13"],
        ["Upgrade: h2c"], ["Connection: keep-alive, upgrade", "Upgrade: TLS/1.0, HTTP/1.1"], ["Upgrade: "],
        ["Connection: upgrade"],
    ]

    @Test func anotherProtocolIsNotSpokenAndHoldsUpNobody() async throws {
        try await GatewayServer.run { server in
            for (fields, body) in Self.upgrades.flatMap({ [($0, nil), ($0, TaskBody.valid)] }) {
                let answer = try await server.converse { socket in
                    let method = body == nil ? "GET" : "POST"
                    try socket.send(RawRequest(method: method, fields: fields, body: body).text)
                    let answer = try socket.answer()
                    if answer.headers["connection"] != "close" {
                        try socket.send(RawRequest(fields: ["Connection: close"]).text)
                        #expect(try socket.answer().status == 200)
                    }
                    #expect(try socket.isClosed())
                    return answer
                }
                #expect(answer.status == (body == nil ? 200 : 201))
            }
        }
    }

    @Test func anotherProtocolMayBeAskedForInAnyRequest() async throws {
        try await GatewayServer.run { server in
            let upgrade = ["Connection: Upgrade", "Upgrade: h2c"]
            let size = TaskBody.valid.utf8.count
            let json = "Content-Type: application/json"
            let chunk = "\(String(size, radix: 16))\r\n\(TaskBody.valid)\r\n0\r\n\r\n"
            let requests: [(RawRequest, String, Int)] = [
                (RawRequest(method: "DELETE", target: "/api/v1/tasks/none", fields: upgrade), "", 404),
                (RawRequest(method: "POST", fields: upgrade + [json, "Transfer-Encoding: chunked"]), chunk, 201),
                (RawRequest(method: "PUT", fields: upgrade, body: "{}"), "", 405),
                (RawRequest(method: "POST", fields: upgrade + [json, "Content-Length: 1048577"]), "{", 413),
                (RawRequest(version: "HTTP/1.0", fields: upgrade), "", 200),
            ]
            for (request, body, status) in requests {
                let text = request.text + body
                let answer = try await server.converse { socket in
                    try socket.send(text)
                    let answer = try socket.answer()
                    #expect(try socket.isClosed())
                    return answer
                }
                #expect(answer.status == status, "\(text.prefix(60))")
                #expect(answer.headers["connection"] == "close")
            }
            try await server.converse { socket in
                let fields = upgrade + [json, "Content-Length: \(size)", "Expect: 100-continue"]
                try socket.send(RawRequest(method: "POST", fields: fields).text)
                #expect(try socket.answer().status == 100)
                try socket.send(TaskBody.valid)
                #expect(try socket.answer().status == 201)
                #expect(try socket.isClosed())
            }
        }
    }

    @Test func pipelinedRequestsAreAnsweredUpToTheOneThatEndsTheConnection() async throws {
        try await GatewayServer.run { server in
            let statuses = try await server.converse { socket in
                let upgrade = RawRequest(
                    method: "POST", fields: ["Connection: Upgrade", "Upgrade: h2c"], body: TaskBody.valid)
                let requests = [RawRequest(), RawRequest(method: "POST", body: TaskBody.valid), upgrade]
                // What comes after it is not read: it may have been meant for the other protocol.
                try socket.send((requests + [RawRequest(method: "POST", body: TaskBody.valid)]).map(\.text).joined())
                let statuses = try requests.map { _ in try socket.answer().status }
                #expect(try socket.isClosed())
                return statuses
            }
            #expect(statuses == [200, 201, 201])
            #expect(try await server.count("tasks") == 2)
        }
    }

    // MARK: Deadlines

    @Test func silentAndSlowClientsAreClosed() async throws {
        try await GatewayServer.run(configure: {
            $0.connections.idle = .milliseconds(400)
            $0.connections.head = .milliseconds(200)
        }) { server in
            // Nothing at all, and nothing after an answer.
            let isClosed = try await server.converse { socket in try socket.isClosed() }
            #expect(isClosed)
            try await server.converse { socket in
                try socket.send(RawRequest().text)
                #expect(try socket.answer().status == 200)
                #expect(try socket.isClosed())
            }
            // Half a head, and one that never ends.
            let half = try await server.converse { socket in
                try socket.send("GET /api/v1/tasks HTTP/1.1\r\nHost: gate")
                return try socket.answer()
            }
            #expect(half.status == 408)
            #expect(half.headers["connection"] == "close")
            #expect(try half.json["error"]?.string == "RequestTimeout")
            let endless = try await server.converse { socket in
                try socket.send("GET /api/v1/tasks HTTP/1.1\r\nHost: gateway\r\nX-Slow: ")
                while (try? socket.send("x")) != nil {
                    if let answer = try socket.answerIfThere(within: .milliseconds(20)) { return answer }
                }
                return try socket.answer()
            }
            #expect(endless.status == 408)
            // Half a body.
            let body = try await server.converse { socket in
                try socket.send(
                    RawRequest(
                        method: "POST", fields: ["Content-Type: application/json", "Content-Length: 100"]
                    ).text + "{")
                let answer = try socket.answer()
                #expect(try socket.isClosed())
                return answer
            }
            #expect(body.status == 408)
            #expect(try await server.count("tasks") == 0)
        }
    }

    @Test func slowBodiesAndSlowReadersAreNotHarmed() async throws {
        try await GatewayServer.run(configure: { $0.connections.idle = .milliseconds(800) }) { server in
            // Twice as long as the client may be silent.
            let answer = try await server.converse { socket in
                let request = RawRequest(method: "POST", body: TaskBody.valid).text
                try socket.send(String(request.dropLast(16)))
                for character in request.suffix(16) {
                    RawSocket.pause(.milliseconds(100))
                    try socket.send(String(character))
                }
                return try socket.answer()
            }
            #expect(answer.status == 201)
            // The system's buffers hold most of it: what counts is that the client takes some of it.
            let lines = try await server.converse(receiveBuffer: 64 << 10) { socket in
                let lines = String(repeating: "bad\n", count: 60_000)
                try socket.send(
                    RawRequest(
                        method: "POST", target: "/api/v1/tasks:batch",
                        fields: ["Content-Type: application/x-ndjson", "Content-Length: \(lines.utf8.count)"]
                    ).text + lines)
                _ = try socket.answer(toHead: true)
                var (bytes, parts) = ([UInt8](), 0)
                while bytes.suffix(5) != Array("0\r\n\r\n".utf8)[...] {
                    bytes += try socket.some()
                    parts += 1
                    if parts < 30 { RawSocket.pause(.milliseconds(100)) }
                }
                return String(decoding: bytes, as: UTF8.self)
            }
            #expect(lines.contains(#""summary":{"lines":60000,"accepted":0,"replayed":0,"rejected":60000"#))
        }
    }

    @Test func clientsThatNeverReadAreClosed() async throws {
        try await GatewayServer.run(configure: { $0.connections.idle = .milliseconds(300) }) { server in
            try await server.converse(receiveBuffer: 4096) { socket in
                let lines = String(repeating: "bad\n", count: 60_000)
                try socket.send(
                    RawRequest(
                        method: "POST", target: "/api/v1/tasks:batch",
                        fields: ["Content-Type: application/x-ndjson", "Content-Length: \(lines.utf8.count)"]
                    ).text + lines)
                // Closed with answers that nobody took: sending fails in the end.
                #expect(throws: RawSocket.Failed.self) {
                    while true {
                        RawSocket.pause(.milliseconds(50))
                        try socket.send("\n")
                        RawSocket.pause(.milliseconds(500))
                    }
                }
            }
        }
    }

    // MARK: Expect

    @Test func waitingClientsAreToldToSendUnlessTheyAreRefused() async throws {
        try await GatewayServer.run { server in
            let size = TaskBody.valid.utf8.count
            func request(_ fields: String...) -> String {
                RawRequest(
                    method: "POST",
                    fields: ["Content-Type: application/json", "Content-Length: \(size)"] + fields
                ).text
            }
            let told = request("Expect: 100-continue")
            try await server.converse { socket in
                for _ in 0..<2 {
                    try socket.send(told)
                    #expect(try socket.answer().status == 100)
                    try socket.send(TaskBody.valid)
                    #expect(try socket.answer().status == 201)
                }
                // One that does not wait.
                try socket.send(told + TaskBody.valid + RawRequest(fields: ["Connection: close"]).text)
                var statuses = [try socket.answer().status]
                if statuses == [100] { statuses = [try socket.answer().status] }
                #expect(statuses == [201])
                #expect(try socket.answer().status == 200)
                #expect(try socket.isClosed())
            }
            let chunked = RawRequest(
                method: "POST", target: "/api/v1/tasks:batch",
                fields: ["Content-Type: application/x-ndjson", "Transfer-Encoding: chunked", "Expect: 100-Continue"])
            try await server.converse { socket in
                try socket.send(chunked.text)
                #expect(try socket.answer().status == 100)
                try socket.send("3\r\nbad\r\n0\r\n\r\n")
                #expect(try socket.answer().status == 200)
            }
            // The client need not send what nobody will read.
            let refused: [(String, Int)] = [
                (told.replacingOccurrences(of: "application/json", with: "text/plain"), 415),
                (told.replacingOccurrences(of: "/api/v1/tasks", with: "/nowhere"), 404),
                (told.replacingOccurrences(of: "POST", with: "PUT"), 405),
                (told.replacingOccurrences(of: GatewayServer.adminKey, with: "mxa_unknown"), 401),
                (told.replacingOccurrences(of: "Length: \(size)", with: "Length: 1048577"), 413),
                (request("Expect: 200-maybe"), 417), (request("Expect: 100-continue, magic"), 417),
            ]
            for (text, status) in refused {
                let answer = try await server.converse { socket in
                    try socket.send(text)
                    let answer = try socket.answer()
                    #expect(try socket.isClosed())
                    return answer
                }
                #expect(answer.status == status)
                #expect(answer.headers["connection"] == "close")
                #expect(try answer.json["request_id"]?.string?.hasPrefix("req_") == true)
            }
            #expect(try await server.count("tasks") == 3)
        }
    }

    // MARK: Methods

    @Test func knownPathsNameTheirMethods() async throws {
        try await GatewayServer.run { server in
            let allowed = [
                "/api/v1/tasks": "GET, HEAD, OPTIONS, POST", "/api/v1/tasks:batch": "OPTIONS, POST",
                "/api/v1/tasks/task_1": "DELETE, GET, HEAD, OPTIONS",
                "/api/v1/tasks/task_1/result": "GET, HEAD, OPTIONS",
                "/api/v1/tasks/task_1/receipt": "GET, HEAD, OPTIONS",
                "/api/v1/tasks/task_1/events": "GET, HEAD, OPTIONS",
                "/api/v1/tasks/task_1/revise": "OPTIONS, POST", "/api/v1/tasks/task_1/retry": "OPTIONS, POST",
                "/api/v1/agents/types": "GET, HEAD, OPTIONS", "/api/v1/health": "GET, HEAD, OPTIONS",
            ]
            for (path, allow) in allowed {
                let known = Set(allow.split(separator: ", ").map(String.init))
                for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE"] where !known.contains(method) {
                    let answer = try await server.send(method, path, key: nil)
                    #expect(answer.status == 405, "\(method) \(path)")
                    #expect(answer.headers["allow"] == allow)
                    let isHead = method == "HEAD"
                    #expect(answer.body.isEmpty == isHead)
                    if !isHead { #expect(try answer.json["error"]?.string == "MethodNotAllowed") }
                }
                let options = try await server.send("OPTIONS", path, key: nil)
                #expect(options.status == 204)
                #expect(options.headers["allow"] == allow)
            }
            for method in ["GET", "PUT", "OPTIONS"] {
                #expect(try await server.send(method, "/api/v1/nothing").status == 404)
            }
            #expect(server.metrics.all.contains("PUT /api/v1/tasks/{id} 405"))
        }
    }

    /// A body after the head of an answer to HEAD would be read as the next answer.
    @Test func answersToHeadHaveNoBodies() async throws {
        try await GatewayServer.run { server in
            let statuses = try await server.converse { socket in
                let paths = ["/api/v1/tasks", "/api/v1/tasks/none", "/nowhere", "/api/v1/tasks:batch", "/api/v1//x"]
                var statuses: [Int] = []
                for path in paths {
                    try socket.send(RawRequest(method: "HEAD", target: path).text)
                    let answer = try socket.answer(toHead: true)
                    #expect(answer.headers["content-length"] != "0")
                    statuses.append(answer.status)
                }
                try socket.send(RawRequest(fields: ["Connection: close"]).text)
                statuses.append(try socket.answer().status)
                #expect(try socket.isClosed())
                return statuses
            }
            #expect(statuses == [200, 404, 404, 405, 404, 200])
        }
    }

    // MARK: Ends

    private static let lastRequests = [
        "HTTP/1.0\r\nHost: a", "HTTP/1.0", "HTTP/1.1\r\nHost: a\r\nConnection: Close",
        "HTTP/1.1\r\nHost: a\r\nConnection: close, TE", "HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, CLOSE",
    ]

    @Test func clientsThatWantTheEndGetIt() async throws {
        try await GatewayServer.run { server in
            for head in Self.lastRequests {
                let answer = try await server.converse { socket in
                    try socket.send("GET /api/v1/health \(head)\r\n\r\n")
                    let answer = try socket.answer()
                    #expect(try socket.isClosed())
                    return answer
                }
                #expect(answer.status == 200)
                #expect(answer.headers["connection"] == "close")
            }
        }
    }

    @Test func clientsOfHTTP10GetAnswersWithoutChunks() async throws {
        try await GatewayServer.run { server in
            let text = try await server.converse { socket in
                try socket.send(
                    RawRequest(
                        method: "POST", target: "/api/v1/tasks:batch", version: "HTTP/1.0",
                        fields: ["Content-Type: application/jsonl", "Content-Length: 3"]
                    ).text + "bad")
                return String(decoding: try socket.rest(), as: UTF8.self)
            }
            #expect(text.hasPrefix("HTTP/1.0 200 OK\r\n"))
            #expect(!text.lowercased().contains("transfer-encoding"))
            #expect(text.hasSuffix("\"complete\":true}}\n"))
        }
    }

    @Test func clientsThatEndTheirOutputGetTheirAnswer() async throws {
        try await GatewayServer.run { server in
            try await server.converse { socket in
                try socket.send(RawRequest(method: "POST", body: TaskBody.valid).text)
                socket.endOutput()
                #expect(try socket.answer().status == 201)
                #expect(try socket.isClosed())
            }
            try await server.converse { socket in
                try socket.send(String(RawRequest(method: "POST", body: TaskBody.valid).text.dropLast()))
                socket.endOutput()
                #expect(try socket.answer().status == 400)
                #expect(try socket.isClosed())
            }
            #expect(try await server.count("tasks") == 1)
        }
    }
}
