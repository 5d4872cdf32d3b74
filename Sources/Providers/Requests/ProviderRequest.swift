internal import FleetCore
internal import HTTPTransport
import JSON

/// Builds the HTTP request of a call: address, headers and body in the model's wire format. Streaming, unless the server
/// refuses to.
struct ProviderRequest {
    private let request: ModelRequest
    private let spec: ModelSpec
    private let endpoint: ProviderEndpoint
    /// What it says beyond the question.
    let form: RequestForm

    /// - Parameter form: what the server was found to take; nil: what the catalogue says.
    init(_ request: ModelRequest, spec: ModelSpec, endpoint: ProviderEndpoint, form: RequestForm? = nil) {
        self.request = request
        self.spec = spec
        self.endpoint = endpoint
        self.form = form ?? RequestForm(spec, isDefaultHost: endpoint.isDefaultHost)
    }

    /// The request as the transport sends it.
    func build() -> HTTPRequest {
        HTTPRequest(method: .post, url: endpoint.url(path), headers: headers, body: body)
    }

    /// What the provider calls the model.
    var modelID: String { spec.modelID }

    /// What to look at if nothing is served at the address.
    var addressHint: String { endpoint.hint }

    private var path: String {
        switch spec.api {
        case .responses: "/responses"
        case .chatCompletions: "/chat/completions"
        case .messages: "/v1/messages"
        }
    }

    private var headers: HTTPHeaders {
        var headers: HTTPHeaders = ["Content-Type": "application/json", "Accept": "text/event-stream"]
        switch spec.api {
        case .responses, .chatCompletions:
            if !endpoint.apiKey.isEmpty { headers.append("Authorization", "Bearer \(endpoint.apiKey.secret)") }
        case .messages:
            if !endpoint.apiKey.isEmpty { headers.append("x-api-key", endpoint.apiKey.secret) }
            headers.append("anthropic-version", "2023-06-01")
        }
        headers.append("Idempotency-Key", request.idempotencyKey)
        if !endpoint.isDefaultHost { headers.append("X-MixMyAI-Agent", request.agentType) }
        return headers
    }

    var body: [UInt8] {
        var writer = JSONWriter(
            reservingCapacity: request.size + request.schema.json.utf8.count
                + 1024)
        writer.object { object in
            object.key("model")
            object.write(spec.modelID)
            switch spec.api {
            case .responses: writeResponses(&object)
            case .chatCompletions: writeChat(&object)
            case .messages: writeMessages(&object)
            }
            if !form.omitted.contains(.stream) {
                object.key("stream")
                object.write(true)
            }
        }
        return writer.bytes
    }

    /// The instructions; an endpoint that takes no schema finds it at their end.
    private var system: String {
        guard form.responseFormat != .jsonSchema else { return request.system }
        return """
            \(request.system)

            Answer with one JSON value that satisfies this JSON Schema, and with nothing else:
            \(request.schema.json)
            """
    }

    private var effort: String? { form.omitted.contains(.effort) ? nil : spec.effort }

    private var maxOutputTokens: Int { min(request.maxOutputTokens, spec.maxOutputTokens) }

    private func writeResponses(_ object: inout JSONWriter) {
        // Instructions as a message of blocks like the rest: only blocks can end what a cache keeps.
        object.key("input")
        object.array { input in
            for (role, texts) in [("developer", [system]), ("user", request.blocks)] {
                input.object { message in
                    message.key("role")
                    message.write(role)
                    message.key("content")
                    writeBlocks(texts, type: "input_text", &message)
                }
            }
        }
        if form.responseFormat != .none {
            object.key("text")
            object.object { text in
                text.key("format")
                text.object { format in
                    format.key("type")
                    format.write(form.responseFormat.rawValue)
                    if form.responseFormat == .jsonSchema { writeNamedSchema(&format) }
                }
            }
        }
        if form.tokenLimit != .notSent {
            object.key("max_output_tokens")
            object.write(maxOutputTokens)
        }
        if !form.omitted.contains(.store) {
            object.key("store")
            object.write(false)
        }
        if let effort {
            object.key("reasoning")
            object.object { reasoning in
                reasoning.key("effort")
                reasoning.write(effort)
            }
        }
        writeTemperature(&object)
        writeCacheMode(&object)
    }

    private func writeCacheMode(_ object: inout JSONWriter) {
        guard !form.omitted.contains(.cacheOptions) else { return }
        object.key("prompt_cache_options")
        object.object { options in
            options.key("mode")
            options.write(spec.cacheMode.rawValue)
        }
        // Calls of one agent type share their instructions: the key sends them to the same cache, if they are written.
        guard spec.cacheMode == .implicit else { return }
        object.key("prompt_cache_key")
        object.write(request.agentType)
    }

    private func writeChat(_ object: inout JSONWriter) {
        object.key("messages")
        object.array { messages in
            for (role, content) in [("system", system), ("user", request.prompt)] {
                messages.object { message in
                    message.key("role")
                    message.write(role)
                    message.key("content")
                    message.write(content)
                }
            }
        }
        if form.responseFormat != .none {
            object.key("response_format")
            object.object { format in
                format.key("type")
                format.write(form.responseFormat.rawValue)
                guard form.responseFormat == .jsonSchema else { return }
                format.key("json_schema")
                format.object { writeNamedSchema(&$0) }
            }
        }
        if form.tokenLimit != .notSent {
            object.key(form.tokenLimit.rawValue)
            object.write(maxOutputTokens)
        }
        if let effort {
            object.key("reasoning_effort")
            object.write(effort)
        }
        writeTemperature(&object)
        guard !form.omitted.contains(.streamOptions) else { return }
        object.key("stream_options")
        object.object { options in
            options.key("include_usage")
            options.write(true)
        }
    }

    private func writeMessages(_ object: inout JSONWriter) {
        object.key("max_tokens")
        object.write(maxOutputTokens)
        object.key("system")
        writeBlocks([system], type: "text", &object)
        object.key("messages")
        object.array { messages in
            messages.object { message in
                message.key("role")
                message.write("user")
                message.key("content")
                writeBlocks(request.blocks, type: "text", &message)
            }
        }
        // Never through a forced tool: newer models refuse one.
        if form.responseFormat == .jsonSchema || effort != nil {
            object.key("output_config")
            object.object { config in
                if let effort {
                    config.key("effort")
                    config.write(effort)
                }
                if form.responseFormat == .jsonSchema {
                    config.key("format")
                    config.object { format in
                        format.key("type")
                        format.write("json_schema")
                        format.key("schema")
                        format.write(json: request.schema.json)
                    }
                }
            }
        }
        writeTemperature(&object)
    }

    private func writeBlocks(_ texts: [String], type: String, _ writer: inout JSONWriter) {
        writer.array { blocks in
            for text in texts {
                blocks.object { block in
                    block.key("type")
                    block.write(type)
                    block.key("text")
                    block.write(text)
                }
            }
        }
    }

    private func writeNamedSchema(_ format: inout JSONWriter) {
        format.key("name")
        format.write(request.schema.name)
        format.key("strict")
        format.write(true)
        format.key("schema")
        format.write(json: request.schema.json)
    }

    private func writeTemperature(_ object: inout JSONWriter) {
        guard !form.omitted.contains(.temperature), let temperature = spec.temperature else { return }
        object.key("temperature")
        object.write(temperature)
    }
}
