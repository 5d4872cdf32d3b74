/// A company whose API the twin speaks.
enum Provider: Sendable, Hashable {
    case openAI
    case anthropic
}

/// A model API, by path.
enum Endpoint: Sendable, Hashable, CaseIterable {
    case responses
    case chatCompletions
    case messages

    var path: String {
        switch self {
        case .responses: "/v1/responses"
        case .chatCompletions: "/v1/chat/completions"
        case .messages: "/v1/messages"
        }
    }

    var provider: Provider { self == .messages ? .anthropic : .openAI }

    init?(path: some StringProtocol) {
        switch path {
        case "/v1/responses": self = .responses
        case "/v1/chat/completions": self = .chatCompletions
        case "/v1/messages": self = .messages
        default: return nil
        }
    }
}
