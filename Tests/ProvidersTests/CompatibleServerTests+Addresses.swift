import FleetCore
import HTTPTransport
import ScriptedPeer
import Testing

@testable import Providers

extension CompatibleServerTests {
    @Test(arguments: [
        ("https://h/v1", "https://h/v1/chat/completions"), ("https://h/v1/", "https://h/v1/chat/completions"),
        ("https://h/v1//", "https://h/v1/chat/completions"),
        ("https://h/v1/chat/completions", "https://h/v1/chat/completions"),
        ("https://h/v1/chat/completions/", "https://h/v1/chat/completions"),
        ("https://h/chat/completions", "https://h/chat/completions"),
        ("https://h/v1/responses", "https://h/v1/chat/completions"), ("https://h", "https://h/chat/completions"),
        (
            "https://h/openai/deployments/d?api-version=2026-10-01",
            "https://h/openai/deployments/d/chat/completions?api-version=2026-10-01"
        ),
        (
            "https://h/openai/deployments/d/chat/completions?api-version=1&x=a/b",
            "https://h/openai/deployments/d/chat/completions?api-version=1&x=a/b"
        ),
        ("https://h/v1/?a=b", "https://h/v1/chat/completions?a=b"), ("https://h/v1?", "https://h/v1/chat/completions"),
        ("https://h/v1#x", "https://h/v1/chat/completions"), ("https://h?a=/v1", "https://h/chat/completions?a=/v1"),
    ])
    func openAIAddresses(base: String, address: String) {
        let endpoint = ProviderEndpoint.openAI(baseURL: base, apiKey: ProviderCredential("k"))
        #expect(endpoint.url("/chat/completions") == address)
    }

    @Test(arguments: [
        ("https://h", "https://h/v1/messages"), ("https://h/v1", "https://h/v1/messages"),
        ("https://h/v1/", "https://h/v1/messages"), ("https://h/v1/messages", "https://h/v1/messages"),
        ("https://h/anthropic/v1?x=1", "https://h/anthropic/v1/messages?x=1"),
        ("https://h/v1x", "https://h/v1x/v1/messages"), ("", "https://api.anthropic.com/v1/messages"),
    ])
    func anthropicAddresses(base: String, address: String) {
        #expect(
            ProviderEndpoint.anthropic(baseURL: base, apiKey: ProviderCredential("k")).url("/v1/messages") == address)
    }

    /// A 404 of the address names the setting; one of the model does not.
    @Test(arguments: [
        ("", #"{"detail":"Not Found"}"#, "/v1"), ("", "<html>404</html>", "/v1"), ("", "", "/v1"),
        ("", #"{"error":{"message":"Invalid URL (POST /chat/completions)","type":"invalid_request_error"}}"#, "/v1"),
        ("/v2", #"{"error":{"code":"404","message":"Resource not found"}}"#, "OPENAI_BASE_URL"),
        ("", #"{"error":{"message":"The model `model-id` does not exist","code":"model_not_found"}}"#, nil),
        (
            "",
            #"{"object":"error","message":"The model `model-id` does not exist.","type":"NotFoundError","code":404}"#,
            nil
        ),
        ("", #"{"error":{"code":"DeploymentNotFound","message":"x"}}"#, nil),
    ])
    func aWrongAddressIsNamedAtTheFirst404(path: String, body: String, hint: String?) async throws {
        try await withServer(Self.spec(), basePath: path + "?key=hunter2") { _, _ in
            Self.response(404, body)
        } _: {
            caller, _, _ in
            let failure = try #require(await failure(caller))
            #expect(failure.code == .modelNotFound)
            #expect(failure.message.contains("OPENAI_BASE_URL") == (hint != nil), "\(failure)")
            if let hint { #expect(failure.message.contains(hint)) }
        }
    }
}
