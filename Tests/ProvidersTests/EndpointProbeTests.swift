import HTTPTransport
import ScriptedPeer
import Testing

@testable import Providers

/// What is found where a setting says that an API is served.
@Suite(.timeLimit(.minutes(1))) struct EndpointProbeTests {
    private func outcome(
        _ path: String, isAnthropic: Bool = false, answering: @escaping @Sendable (String) -> (Int, String)
    ) async throws -> (EndpointProbe.Outcome, String) {
        let server = try ScriptedServer { peer in
            while let request = peer.readRequest() {
                let (status, body) = answering(request.path)
                peer.write("HTTP/1.1 \(status) X\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
            }
        }
        let root = "http://127.0.0.1:\(server.port)"
        return (try await ask(root + path, isAnthropic), root)
    }

    private func ask(_ url: String, _ isAnthropic: Bool = false) async throws -> EndpointProbe.Outcome {
        let client = try HTTPClient()
        let key = ProviderCredential("hunter2")
        let endpoint: ProviderEndpoint =
            isAnthropic ? .anthropic(baseURL: url, apiKey: key) : .openAI(baseURL: url, apiKey: key)
        let outcome = await EndpointProbe(endpoint, isAnthropic: isAnthropic).outcome(client: client)
        await client.shutdown()
        return outcome
    }

    private static let list = (200, #"{"object":"list","data":[]}"#)
    private static let nothing = (404, "<html>")

    @Test func anAddressThatServesIsFine() async throws {
        #expect(try await outcome("/v1") { $0 == "/v1/models" ? Self.list : Self.nothing }.0 == .serves)
        #expect(try await outcome("") { $0 == "/models" ? Self.list : Self.nothing }.0 == .serves)
        #expect(try await outcome("/x?v=1") { $0 == "/x/models?v=1" ? Self.list : Self.nothing }.0 == .serves)
        let claude = try await outcome("/v1", isAnthropic: true) { $0 == "/v1/models" ? Self.list : Self.nothing }
        #expect(claude.0 == .serves)
    }

    @Test func aMissingVersionIsFoundOut() async throws {
        let (found, root) = try await outcome("?v=1") { $0 == "/v1/models?v=1" ? Self.list : Self.nothing }
        #expect(found == .servesAt(root + "/v1"))
        // A page for every path is no list of models.
        let pages = try await outcome("") { $0 == "/v1/models" ? (401, "") : (200, "<html>") }
        #expect(pages.0 == .servesAt(pages.1 + "/v1"))
    }

    @Test func whatCannotBeToldIsNotMadeUp() async throws {
        let (found, root) = try await outcome("/v2") { _ in Self.nothing }
        #expect(found == .unclear("OPENAI_BASE_URL is \(root)/v2: most servers want \(root)/v2/v1"))
        #expect(try await outcome("/v1") { _ in (403, "") }.0 == .refusesKey)
        let broken = try await outcome("/v1") { _ in (500, "") }
        #expect(broken.0 == .unclear("check OPENAI_BASE_URL, which is \(broken.1)/v1"))
        guard case .unreachable(let reason) = try await ask("http://127.0.0.1:\(try ScriptedServer.refusedPort())")
        else {
            Issue.record("something answered")
            return
        }
        #expect(!reason.contains("hunter2"))
    }

    /// The provider's own host is not asked: its address is known.
    @Test func theProvidersOwnAddressIsKnown() async throws {
        #expect(try await ask("https://api.openai.com/v1") == .serves)
        #expect(try await ask("https://api.openai.com") == .servesAt("https://api.openai.com/v1"))
        #expect(try await ask("https://api.anthropic.com/v1", true) == .serves)
    }
}
