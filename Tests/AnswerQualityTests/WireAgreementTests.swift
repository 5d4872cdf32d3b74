import FleetCore
import HTTPTransport
import Testing

@testable import ProviderTwin
@testable import Providers

/// The product's requests, held against the rules of the providers: what it learns from a refusal is then taken.
@Suite struct WireAgreementTests {
    private static func request() -> ModelRequest {
        ModelRequest(
            model: "m", system: "s", blocks: ["p"],
            schema: OutputSchema(
                name: "synthesis",
                json: #"{"type":"object","additionalProperties":false,"properties":{},"required":[]}"#),
            maxOutputTokens: 100, timeout: .seconds(1), idempotencyKey: "k", agentType: "a")
    }

    /// Sends as the caller does: again, without what a refusal names.
    private func refusals(_ spec: ModelSpec, _ endpoint: ProviderEndpoint, _ path: Endpoint) throws -> [String] {
        var form = RequestForm(spec, isDefaultHost: endpoint.isDefaultHost)
        var names: [String] = []
        while true {
            let built = ProviderRequest(Self.request(), spec: spec, endpoint: endpoint, form: form)
            do throws(ProviderFailure) {
                _ = try TwinRequest(endpoint: path, body: built.body, seed: 1)
                return names
            } catch {
                let failure = ModelFailure(
                    status: error.status, headers: [:], body: error.body(for: path.provider, requestID: "r"), now: 0,
                    request: built)
                let name = try #require(failure.refusedParameter, "\(failure)")
                names.append(name)
                form = try #require(form.without(name))
            }
        }
    }

    private func spec(_ api: ModelSpec.API, _ change: (inout ModelSpec) -> Void = { _ in }) -> ModelSpec {
        var spec = ModelSpec(
            name: "m", provider: api == .messages ? "anthropic" : "openai", api: api,
            modelID: api == .messages ? "claude-haiku-5-5" : "gpt-6-astra", limitClass: "m", maxInputTokens: 1000,
            maxOutputTokens: 1000, prices: [])
        change(&spec)
        return spec
    }

    @Test func requestsAreTakenOrAfterWhatTheyLearn() throws {
        let key = ProviderCredential("k")
        let own = ProviderEndpoint.openAI(apiKey: key)
        let other = ProviderEndpoint.openAI(baseURL: "http://127.0.0.1:1/v1", apiKey: key)
        #expect(try refusals(spec(.chatCompletions), own, .chatCompletions) == [])
        #expect(try refusals(spec(.chatCompletions), other, .chatCompletions) == ["max_tokens"])
        let careless = spec(.chatCompletions) { ($0.temperature, $0.effort) = (0.2, "none") }
        #expect(
            try refusals(careless, other, .chatCompletions) == ["reasoning_effort", "max_tokens", "temperature"])
        #expect(try refusals(spec(.responses), own, .responses) == [])
        #expect(try refusals(spec(.responses) { $0.temperature = 0.2 }, own, .responses) == ["temperature"])
        let claude = ProviderEndpoint.anthropic(apiKey: key)
        #expect(try refusals(spec(.messages) { $0.effort = "low" }, claude, .messages) == [])
        #expect(try refusals(spec(.messages) { $0.temperature = 0.2 }, claude, .messages) == ["temperature"])
        #expect(try refusals(spec(.messages) { $0.effort = "none" }, claude, .messages) == ["output_config.effort"])
        for format in [ModelSpec.ResponseFormat.jsonObject, .none] {
            #expect(try refusals(spec(.responses) { $0.responseFormat = format }, own, .responses) == [])
            #expect(try refusals(spec(.chatCompletions) { $0.responseFormat = format }, own, .chatCompletions) == [])
        }
    }
}
