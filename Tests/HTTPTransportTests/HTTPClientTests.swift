import HTTPTransport
import ScriptedPeer
import Testing

@Suite(.timeLimit(.minutes(2))) struct HTTPClientTests {
    @Test func responseHasStatusHeadersAndBody() async throws {
        let requests = Reports<PeerConnection.Request>()
        let server = try ScriptedServer { peer in
            guard let request = peer.readRequest() else { return }
            requests.send(request)
            peer.write("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
            peer.write("HTTP/1.1 201 Created\r\nX-A: 1\r\nx-a:  2 \r\nEmpty:\r\nContent-Length: 5\r\n\r\nhello")
        }
        try await withClient { client in
            let request = HTTPRequest(
                method: .post, url: server.url + "/path?q=1", headers: ["X-Key": "a: b", "X-Empty": ""],
                body: Array("{\"a\":1}".utf8))
            let response = try await client.execute(request, timeout: .seconds(10))
            #expect(response.status == 201)
            #expect(response.headers["x-A"] == "1")
            #expect(response.headers.values(of: "X-A") == ["1", "2"])
            #expect(response.headers["empty"] == "")
            #expect(response.headers["link"] == nil)
            #expect(try await response.body.collect(upTo: 5) == Array("hello".utf8))
            let seen = await requests.next()
            #expect(seen?.body == Array("{\"a\":1}".utf8))
            #expect(seen?.head.hasPrefix("POST /path?q=1 HTTP/1.1\r\n") == true)
            #expect(seen?.head.contains("\r\nX-Key: a: b") == true)
            #expect(seen?.head.contains("\r\nX-Empty:") == true)
            #expect(seen?.head.lowercased().contains("accept-encoding") == false)
            #expect(seen?.head.lowercased().contains("expect:") == false)
            #expect(seen?.head.lowercased().contains("content-type") == false)
        }
    }

    @Test func connectionsAreReused() async throws {
        let server = try ScriptedServer { peer in
            while peer.readRequest() != nil {
                peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                peer.write("3\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n")
            }
        }
        try await withClient { client in
            for _ in 0..<5 {
                let response = try await client.execute(HTTPRequest(url: server.url), timeout: .seconds(10))
                #expect(try await response.body.collect(upTo: 100) == Array("abcde".utf8))
                #expect(response.headers["x-trailer"] == nil)
            }
        }
        #expect(server.connectionCount == 1)
    }

    /// One handle after the other method: nothing of a request stays for the next one.
    @Test func methodsDoNotStayWithTheirHandle() async throws {
        let requests = Reports<PeerConnection.Request>()
        let server = try ScriptedServer { peer in
            while let request = peer.readRequest() {
                requests.send(request)
                peer.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            }
        }
        let methods: [HTTPRequest.Method] = [.get, .post, .delete, .get, .delete, .post, .get, .post, .post, .delete]
        try await withClient { client in
            for (number, method) in methods.enumerated() {
                let body = Array(repeating: UInt8(ascii: "a"), count: 10_000 + number)
                let request = HTTPRequest(method: method, url: server.url + "/\(number)", body: body)
                _ = try await client.execute(request, timeout: .seconds(10)).body.collect(upTo: 0)
                let seen = await requests.next()
                #expect(seen?.head.hasPrefix("\(method.rawValue) /\(number) ") == true, "\(number)")
                #expect(seen?.body == (method == .post ? body : []), "\(number)")
            }
        }
        #expect(server.connectionCount == 1)
    }

    /// libcurl by itself repeats a request, POST included, when a reused connection ends without an answer.
    @Test func requestIsNeverSentTwice() async throws {
        let requests = Reports<Int>()
        let server = try ScriptedServer { peer in
            var count = 0
            if peer.readRequest() != nil {
                count += 1
                peer.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                if peer.readRequest() != nil { count += 1 }
            }
            requests.send(count)
        }
        try await withClient { client in
            let request = HTTPRequest(method: .post, url: server.url, body: [1, 2, 3])
            _ = try await client.execute(request, timeout: .seconds(10)).body.collect(upTo: 0)
            let error = await failure { _ = try await client.execute(request, timeout: .seconds(10)) }
            #expect(error?.code == .connectionLost)
            #expect(error?.requestMayHaveBeenSent == true)
        }
        #expect(await requests.next() == 2)
        // libcurl did open a second connection for its repetition, and nothing was sent on it.
        if server.connectionCount > 1 { #expect(await requests.next() == 0) }
    }

    @Test(arguments: [true, false]) func cutResponseIsNeverComplete(isChunked: Bool) async throws {
        let response = Array(
            (isChunked
                ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\na\r\n0123456789\r\n0\r\n\r\n"
                : "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\nhello0123456789").utf8)
        let server = try ScriptedServer { peer in
            guard let path = peer.readRequest()?.path.split(separator: "/"), let offset = Int(path[0]) else { return }
            peer.write(Array(response[..<offset]))
            if path[1] == "reset" { peer.reset() }
        }
        try await withClient { client in
            for offset in 0..<response.count {
                // With `0 CR LF CR` the whole body and its end mark have come; libcurl does not wait for the last LF.
                if isChunked && offset == response.count - 1 { continue }
                for ending in ["close", "reset"] {
                    let error = await failure {
                        let request = HTTPRequest(method: .post, url: "\(server.url)/\(offset)/\(ending)", body: [1])
                        let response = try await client.execute(request, timeout: .seconds(10))
                        _ = try await response.body.collect(upTo: 100)
                    }
                    #expect(
                        error?.code == .connectionLost, "\(ending) after \(offset) bytes: \(String(describing: error))")
                    #expect(error?.requestMayHaveBeenSent == true)
                }
            }
            let whole = try await client.execute(
                HTTPRequest(url: "\(server.url)/\(response.count)/close"), timeout: .seconds(10))
            #expect(try await whole.body.collect(upTo: 15) == Array("hello0123456789".utf8))
        }
    }

    @Test func deadlineCoversASlowBody() async throws {
        let server = try ScriptedServer { peer in
            guard peer.readRequest() != nil else { return }
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            repeat { guard peer.write([120]) else { return } } while !peer.waitForClose(milliseconds: 10)
        }
        try await withClient { client in
            let response = try await client.execute(HTTPRequest(url: server.url), timeout: .milliseconds(300))
            let error = await failure { _ = try await response.body.collect(upTo: 1_000_000) }
            #expect(error?.code == .timedOut)
            #expect(error?.requestMayHaveBeenSent == true)
        }
    }

    @Test func deadlineCoversAMissingHead() async throws {
        let closed = Reports<Bool>()
        let server = try ScriptedServer { peer in
            guard peer.readRequest() != nil else { return }
            closed.send(peer.waitForClose())
        }
        try await withClient { client in
            let error = await failure {
                _ = try await client.execute(HTTPRequest(url: server.url), timeout: .milliseconds(100))
            }
            #expect(error?.code == .timedOut)
            #expect(error?.requestMayHaveBeenSent == true)
            #expect(await closed.next() == true)
        }
    }

    @Test func silenceInABodyIsLimited() async throws {
        let server = try ScriptedServer { peer in
            guard peer.readRequest() != nil else { return }
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab")
            _ = peer.waitForClose()
        }
        var configuration = HTTPClientConfiguration()
        configuration.idleTimeout = .milliseconds(100)
        try await withClient(configuration) { client in
            let response = try await client.execute(HTTPRequest(url: server.url), timeout: .seconds(60))
            let error = await failure { _ = try await response.body.collect(upTo: 100) }
            #expect(error?.code == .timedOut)
        }
    }

    @Test func thousandExchangesRunAtOnce() async throws {
        let count = 1000
        let arrived = Reports<Int>()
        let release = ThreadSignal()
        let server = try ScriptedServer { peer in
            guard let request = peer.readRequest() else { return }
            arrived.send(1)
            release.wait()
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: \(request.body.count)\r\n\r\n")
            peer.write(request.body)
        }
        try await withClient { client in
            let succeeded = try await withThrowingTaskGroup(of: Bool.self) { group in
                for index in 0..<count {
                    group.addTask {
                        let body = Array("body \(index)".utf8)
                        let request = HTTPRequest(method: .post, url: server.url, body: body)
                        let response = try await client.execute(request, timeout: .seconds(60))
                        return try await response.body.collect(upTo: 100) == body
                    }
                }
                for _ in 0..<count { _ = await arrived.next() }
                release.open()
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(succeeded == count)
        }
    }

    @Test func unreachablePeersAreToldApart() async throws {
        let port = try ScriptedServer.refusedPort()
        try await withClient { client in
            for url in ["http://127.0.0.1:\(port)/", "http://no-such-host.invalid/"] {
                let error = await failure { _ = try await client.execute(HTTPRequest(url: url), timeout: .seconds(30)) }
                #expect(error?.code == .unreachable, "\(url)")
                #expect(error?.requestMayHaveBeenSent == false)
                #expect(error?.isRetriable == true)
            }
        }
    }

    @Test func plainAnswerToTLSIsUnreachable() async throws {
        let server = try ScriptedServer { peer in peer.write("HTTP/1.1 400 Bad Request\r\n\r\n") }
        try await withClient { client in
            let error = await failure {
                _ = try await client.execute(
                    HTTPRequest(url: "https://127.0.0.1:\(server.port)/"), timeout: .seconds(10))
            }
            #expect(error?.code == .unreachable)
            #expect(error?.requestMayHaveBeenSent == false)
        }
    }

    @Test(arguments: [
        HTTPRequest(url: "http://127.0.0.1:1/", headers: ["X-A": "1\r\nX-B: 2"]),
        HTTPRequest(url: "http://127.0.0.1:1/", headers: ["X-A": "1\n"]),
        HTTPRequest(url: "http://127.0.0.1:1/", headers: ["X-A": "a\u{0}b"]),
        HTTPRequest(url: "http://127.0.0.1:1/", headers: ["X A": "1"]),
        HTTPRequest(url: "http://127.0.0.1:1/", headers: ["": "1"]),
        HTTPRequest(url: "http://127.0.0.1:1/", headers: ["Content-length": "1"]),
        HTTPRequest(url: "http://127.0.0.1:1/\r\nX-B: 2"), HTTPRequest(url: "file:///etc/passwd"),
        HTTPRequest(url: "127.0.0.1"), HTTPRequest(url: "http://[::1/"),
    ])
    func injectionIsRefused(request: HTTPRequest) async throws {
        try await withClient { client in
            let error = await failure { _ = try await client.execute(request, timeout: .seconds(5)) }
            #expect(error?.code == .invalidRequest)
            #expect(error?.isRetriable == false)
        }
    }

    @Test func answersThatAreNotHTTPAreMalformed() async throws {
        let server = try ScriptedServer { peer in
            guard peer.readRequest() != nil else { return }
            peer.write("SSH-2.0-OpenSSH_9.2\r\n")
        }
        try await withClient { client in
            let error = await failure {
                _ = try await client.execute(HTTPRequest(url: server.url), timeout: .seconds(5))
            }
            #expect(error?.code == .malformed)
        }
    }

    @Test func headsAndBodiesHaveLimits() async throws {
        let server = try ScriptedServer { peer in
            guard let request = peer.readRequest() else { return }
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n")
            if request.path == "/head" {
                for _ in 0..<100 { peer.write("X-Filler: " + String(repeating: "x", count: 1000) + "\r\n") }
            }
            peer.write("\r\n" + String(repeating: "y", count: 100))
        }
        try await withClient { client in
            let head = await failure {
                _ = try await client.execute(HTTPRequest(url: server.url + "/head"), timeout: .seconds(5))
            }
            #expect(head?.code == .tooLarge)
            let response = try await client.execute(HTTPRequest(url: server.url), timeout: .seconds(5))
            let body = await failure { _ = try await response.body.collect(upTo: 99) }
            #expect(body?.code == .tooLarge)
        }
    }

    @Test func errorsShowNeitherCredentialsNorQueries() async throws {
        let port = try ScriptedServer.refusedPort()
        try await withClient { client in
            let request = HTTPRequest(
                url: "http://user:hunter2@127.0.0.1:\(port)/v1/x?key=hunter2#hunter2",
                headers: ["Authorization": "Bearer hunter2"])
            let error = try #require(
                await failure { _ = try await client.execute(request, timeout: .seconds(5)) })
            #expect(!"\(error) \(String(reflecting: error))".contains("hunter2"))
            #expect("\(error)".contains("http://127.0.0.1:\(port)/v1/x"))
        }
    }
}
