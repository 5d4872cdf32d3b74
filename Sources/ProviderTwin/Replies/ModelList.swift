import JSON
import UTC

/// The models that each provider has: calls to others are refused.
enum ModelList {
    private static let openAI = [
        "gpt-6.2-astra", "gpt-6-astra", "gpt-6.2-sol", "gpt-6.1-sol", "gpt-6.1-terra", "gpt-6-luna", "gpt-5.6-sol",
        "gpt-5.6-terra", "gpt-5.6-luna",
    ]
    private static let anthropic = [
        "claude-fable-5-2", "claude-fable-5-1", "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5",
        "claude-haiku-4-5",
    ]
    private static let createdSeconds = 1_790_000_000

    /// Whether the provider serves the model.
    static func has(_ model: String, _ provider: Provider) -> Bool {
        (provider == .openAI ? openAI : anthropic).contains(model)
    }

    /// The body of `GET /v1/models`.
    static func list(for provider: Provider) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        let names = provider == .openAI ? openAI : anthropic
        if provider == .openAI { json.field("object", "list") }
        json.key("data")
        json.beginArray()
        for name in names { model(name, provider, &json) }
        json.endArray()
        if provider == .anthropic {
            json.append(raw: ",\"has_more\":false")
            json.field("first_id", names.first ?? "")
            json.field("last_id", names.last ?? "")
        }
        json.endObject()
        return json.bytes
    }

    /// The body of `GET /v1/models/NAME`.
    static func model(_ name: String, for provider: Provider) -> [UInt8] {
        var json = JSONWriter()
        model(name, provider, &json)
        return json.bytes
    }

    private static func model(_ name: String, _ provider: Provider, _ json: inout JSONWriter) {
        json.beginObject()
        json.field("id", name)
        switch provider {
        case .openAI:
            json.field("object", "model")
            json.field("created", createdSeconds)
            json.field("owned_by", "provider-twin")
        case .anthropic:
            json.field("type", "model")
            json.field("display_name", name)
            json.field("created_at", Timestamp.iso8601(microseconds: createdSeconds * 1_000_000, fraction: .none))
            json.field("max_input_tokens", 1_000_000)
            json.field("max_tokens", 128_000)
        }
        json.endObject()
    }
}
