import HTTPTransport
import ScriptedPeer
import Testing

/// Exchanges that end before their responses do.
@Suite(.timeLimit(.minutes(2))) struct HTTPClientEndingTests {
    @Test func cancellingBeforeTheHeadClosesTheConnection() async throws {
        let arrived = Reports<Bool>()
        let closed = Reports<Bool>()
        let server = try ScriptedServer { peer in
            arrived.send(peer.readRequest() != nil)
            closed.send(peer.waitForClose())
        }
        try await withClient { client in
            await withTaskGroup(of: HTTPError?.self) { group in
                group.addTask {
                    await failure {
                        _ = try await client.execute(HTTPRequest(url: server.url), timeout: .seconds(60))
                    }
                }
                #expect(await arrived.next() == true)
                group.cancelAll()
                #expect(await group.next()??.code == .cancelled)
            }
            #expect(await closed.next() == true)
        }
    }

    @Test func cancellingInsideTheBodyClosesTheConnection() async throws {
        let closed = Reports<Bool>()
        let server = try ScriptedServer { peer in
            guard peer.readRequest() != nil else { return }
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab")
            closed.send(peer.waitForClose())
        }
        try await withClient { client in
            let started = Reports<Bool>()
            await withTaskGroup(of: HTTPError?.self) { group in
                group.addTask {
                    await failure {
                        let response = try await client.execute(HTTPRequest(url: server.url), timeout: .seconds(60))
                        for try await _ in response.body { started.send(true) }
                    }
                }
                #expect(await started.next() == true)
                group.cancelAll()
                #expect(await group.next()??.code == .cancelled)
            }
            #expect(await closed.next() == true)
        }
    }

    @Test func cancelledTaskSendsNothing() async throws {
        let server = try ScriptedServer { _ in }
        try await withClient { client in
            let error = await withTaskGroup(of: HTTPError?.self) { group in
                group.cancelAll()
                group.addTask {
                    await failure {
                        _ = try await client.execute(HTTPRequest(url: server.url), timeout: .seconds(60))
                    }
                }
                return await group.next() ?? nil
            }
            #expect(error?.code == .cancelled)
        }
    }

    @Test func droppingTheBodyClosesTheConnection() async throws {
        let closed = Reports<Bool>()
        let server = try ScriptedServer { peer in
            guard peer.readRequest() != nil else { return }
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab")
            closed.send(peer.waitForClose())
        }
        try await withClient { client in
            let status = try await client.execute(HTTPRequest(url: server.url), timeout: .seconds(60)).status
            #expect(status == 200)
            #expect(await closed.next() == true)
        }
    }

    @Test func discardingTheRestKeepsTheConnection() async throws {
        let closed = Reports<Bool>()
        let server = try ScriptedServer { peer in
            while let request = peer.readRequest() {
                peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nend\r\n")
                if request.path == "/endless" { return closed.send(peer.waitForClose()) }
                peer.write("4\r\nrest\r\n0\r\n\r\n")
            }
        }
        try await withClient { client in
            for path in ["/", "/", "/endless"] {
                let response = try await client.execute(HTTPRequest(url: server.url + path), timeout: .seconds(60))
                var iterator = response.body.makeAsyncIterator()
                #expect(try await iterator.next()?.starts(with: Array("end".utf8)) == true)
                response.body.discardRest()
                #expect(try await iterator.next() == nil)
            }
            // The one that does not end is closed after a moment.
            #expect(await closed.next() == true)
        }
        #expect(server.connectionCount <= 2)
    }

    @Test func slowReaderPausesTheTransfer() async throws {
        let total = 64 << 20
        let blocked = Reports<Int>()
        let server = try ScriptedServer { peer in
            guard peer.readRequest() != nil else { return }
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
            let chunk = [UInt8](repeating: 7, count: 65536)
            let written = peer.writeUntilBlocked(chunk, limit: total)
            blocked.send(written)
            var left = total - written
            while left > 0 {
                guard peer.write(Array(chunk.prefix(left))) else { return }
                left -= min(left, chunk.count)
            }
        }
        try await withClient { client in
            let response = try await client.execute(HTTPRequest(url: server.url), timeout: .seconds(60))
            let written = try #require(await blocked.next())
            #expect(written < total / 2)
            var count = 0
            for try await chunk in response.body {
                #expect(chunk.count <= 256 * 1024 + 16 * 1024)
                count += chunk.count
            }
            #expect(count == total)
        }
    }

    @Test func shutdownFailsEverythingPending() async throws {
        let arrived = Reports<Bool>()
        let server = try ScriptedServer { peer in
            guard let request = peer.readRequest() else { return }
            if request.path == "/body" { peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab") }
            arrived.send(true)
            _ = peer.waitForClose()
        }
        let client = try HTTPClient()
        let response = try await client.execute(HTTPRequest(url: server.url + "/body"), timeout: .seconds(60))
        await withTaskGroup(of: HTTPError?.self) { group in
            group.addTask {
                await failure { _ = try await client.execute(HTTPRequest(url: server.url), timeout: .seconds(60)) }
            }
            group.addTask { await failure { _ = try await response.body.collect(upTo: 100) } }
            _ = await arrived.next()
            _ = await arrived.next()
            await client.shutdown()
            for await error in group { #expect(error?.code == .shutDown) }
        }
        let late = await failure { _ = try await client.execute(HTTPRequest(url: server.url), timeout: .seconds(1)) }
        #expect(late?.code == .shutDown)
        #expect(late?.requestMayHaveBeenSent == false)
        await client.shutdown()
    }
}
