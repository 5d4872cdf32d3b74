import JSON

/// A model call as the twin understands it, whichever API it came through.
struct TwinRequest: Sendable {
    var endpoint: Endpoint
    var model: String
    var isStreaming = false
    /// Chat Completions only: the stream ends with a chunk that carries usage.
    var streamsUsage = false
    var maxOutputTokens: Int?
    /// Text of the system prompt, instructions, and system or developer messages.
    var system: [UInt8] = []
    /// Text of all other messages, one per line.
    var prompt: [UInt8] = []
    var inputTokens = 0
    /// How much the model is to reason; nil if the request does not say.
    var effort: String?
    /// The tier as the reply names it.
    var serviceTier = "default"
    var cachePolicy = CachePolicy.none
    /// `prompt_cache_key`.
    var cacheKey = ""
    var cacheBorders: [CacheBorder] = []
    /// Name of the requested output schema, if one was requested.
    var schemaName: String?
    var schema: JSONValue?
    /// Responses only: the members of the reply that repeat the request, ready to copy.
    var echo: [UInt8] = []
    /// Hash of the seed and the body; ids and the reply time come from it.
    var digest: UInt64 = 0

    /// What is still needed once the answer is composed; the texts would only take memory while the reply waits.
    var withoutInput: TwinRequest {
        var request = self
        request.system = []
        request.prompt = []
        request.schema = nil
        return request
    }
}
