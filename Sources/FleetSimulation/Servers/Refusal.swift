import FleetCore

/// What a provider, or one of its models, answers instead of an answer for a while: nothing that trying again mends.
struct Refusal: Sendable, Hashable {
    enum Scope: Sendable, Hashable {
        case provider(String)
        case model(String)
    }

    var scope: Scope
    var code: ModelFailure.Code
    /// Share of the requests that meet it, 0 to 1.
    var chance: Double

    func concerns(_ model: ModelSpec) -> Bool {
        switch scope {
        case .provider(let name): model.provider == name
        case .model(let name): model.name == name
        }
    }

    /// As the provider sends it.
    var status: Int {
        switch code {
        case .quotaExhausted: 402
        case .unauthorized: 401
        case .invalidRequest: 400
        case .modelNotFound: 404
        case .overloaded: 503
        default: 200
        }
    }
}
