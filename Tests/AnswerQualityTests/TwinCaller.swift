import Catalogues
import FleetCore
import Providers

@testable import ProviderTwin
@testable import Providers

/// The provider twin without a network: each request goes through the product's own wire format into the twin's reader,
/// and comes back as the twin's answer.
final class TwinCaller: ModelCaller {
    private let composer: AnswerComposer
    private let models: ModelCatalogue
    /// What a test makes of the twin's answer.
    private let altering: @Sendable (ModelRequest, String) -> String

    init(
        models: ModelCatalogue, seed: UInt64 = 1, mode: AnswerMode = .inputs,
        altering: @escaping @Sendable (ModelRequest, String) -> String = { $1 }
    ) {
        composer = AnswerComposer(seed: seed, mode: mode)
        self.models = models
        self.altering = altering
    }

    func call(_ request: ModelRequest) async throws(ModelFailure) -> ModelReply {
        ModelReply(
            text: altering(request, try answer(to: request)),
            usage: ReportedUsage(TokenUsage(uncachedInputTokens: 1000, outputTokens: 500)))
    }

    func answer(to request: ModelRequest) throws(ModelFailure) -> String {
        guard let spec = models[request.model] else { throw ModelFailure(.modelNotFound, message: request.model) }
        let isOpenAI = spec.provider == "openai"
        let endpoint: ProviderEndpoint =
            isOpenAI ? .openAI(apiKey: ProviderCredential("k")) : .anthropic(apiKey: ProviderCredential("k"))
        let body = ProviderRequest(request, spec: spec, endpoint: endpoint).body
        do {
            let read = try TwinRequest(
                endpoint: isOpenAI ? .responses : .messages, body: body, seed: composer.seed)
            return String(decoding: composer.answer(to: read).text, as: UTF8.self)
        } catch {
            throw ModelFailure(.invalidRequest, status: 400, message: "\(error)")
        }
    }
}
