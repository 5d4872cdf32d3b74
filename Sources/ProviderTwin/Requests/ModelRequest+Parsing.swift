extension ModelRequest {
    /// Reads a request body.
    ///
    /// - Throws: `ProviderFailure`, the provider's own reply to such a body.
    init(endpoint: Endpoint, body: [UInt8], seed: UInt64) throws(ProviderFailure) {
        guard let members = try? JSONParser.parseObject(body) else {
            throw .invalidRequest(
                "We could not parse the JSON body of your request. The API expects a JSON payload."
            )
        }
        let fields = RequestFields(members: members, body: body)
        guard let model = fields["model"]?.string, !model.isEmpty else {
            throw endpoint.provider == .openAI
                ? .invalidRequest("you must provide a model parameter", code: "missing_required_parameter")
                : .invalidRequest("model: Field required")
        }
        self.init(endpoint: endpoint, model: model)
        isStreaming = fields["stream"]?.bool ?? false
        var text = MessageText()
        switch endpoint {
        case .responses: try readResponses(fields, &text)
        case .chatCompletions: try readChat(fields, &text)
        case .messages: try readMessages(fields, &text)
        }
        system = text.system
        prompt = text.prompt
        inputTokens = Tokenizer.tokens(bytes: text.byteCount)
        if cachePolicy != .none { cacheBorders = text.borders }
        var hash = StableHash(seed)
        hash.combine(endpoint.path)
        hash.combine(body)
        digest = hash.value
        if model.hasPrefix("missing-") { throw .unknownModel(model) }
    }

    private mutating func readResponses(_ fields: RequestFields, _ text: inout MessageText) throws(ProviderFailure) {
        if let instructions = fields["instructions"]?.string { text.add(instructions, role: "system") }
        switch fields["input"] {
        case .string(let input): text.add(input, role: "user")
        case .array(let items): for item in items { text.add(message: item) }
        default: throw .missingParameter("input")
        }
        maxOutputTokens = try Self.limit(fields["max_output_tokens"], name: "max_output_tokens")
        effort = fields["reasoning"]?["effort"]?.string
        serviceTier = Self.openAITier(fields)
        cacheKey = fields["prompt_cache_key"]?.string ?? ""
        let isExplicit = fields["prompt_cache_options"]?["mode"]?.string == "explicit"
        cachePolicy = isExplicit ? .breakpoints : .implicit
        let format = fields["text"]?["format"]
        if format?["type"]?.string == "json_schema" {
            guard let name = format?["name"]?.string else { throw .missingParameter("text.format.name") }
            guard let schema = format?["schema"] else { throw .missingParameter("text.format.schema") }
            schemaName = name
            self.schema = schema
        }
        echo = ResponsesEncoder.echo(of: fields, maxOutputTokens: maxOutputTokens, serviceTier: serviceTier)
    }

    private mutating func readChat(_ fields: RequestFields, _ text: inout MessageText) throws(ProviderFailure) {
        guard let messages = fields["messages"]?.array else { throw .missingParameter("messages") }
        for message in messages { text.add(message: message) }
        let name = fields["max_completion_tokens"] == nil ? "max_tokens" : "max_completion_tokens"
        maxOutputTokens = try Self.limit(fields[name], name: name)
        streamsUsage = fields["stream_options"]?["include_usage"]?.bool ?? false
        effort = fields["reasoning_effort"]?.string
        serviceTier = Self.openAITier(fields)
        cacheKey = fields["prompt_cache_key"]?.string ?? ""
        cachePolicy = .readsOnly
        let format = fields["response_format"]
        if format?["type"]?.string == "json_schema" {
            let requested = format?["json_schema"]
            guard let name = requested?["name"]?.string else {
                throw .missingParameter("response_format.json_schema.name")
            }
            schemaName = name
            schema = requested?["schema"]
        }
    }

    private mutating func readMessages(_ fields: RequestFields, _ text: inout MessageText) throws(ProviderFailure) {
        guard let limit = fields["max_tokens"], !limit.isNull else {
            throw .invalidRequest("max_tokens: Field required")
        }
        maxOutputTokens = try Self.limit(limit, name: "max_tokens")
        guard let messages = fields["messages"]?.array else { throw .invalidRequest("messages: Field required") }
        guard !messages.isEmpty else { throw .invalidRequest("messages: at least one message is required") }
        try refuseWhatNewModelsRefuse(fields, lastRole: messages.last?["role"]?.string)
        effort = fields["output_config"]?["effort"]?.string
        serviceTier = "standard"
        if let system = fields["system"] { text.add(content: system, role: "system") }
        for message in messages { text.add(message: message) }
        if fields["output_config"]?["format"]?["type"]?.string == "json_schema" {
            guard let schema = fields["output_config"]?["format"]?["schema"] else {
                throw .invalidRequest("output_config.format.schema: Field required")
            }
            self.schema = schema
            schemaName = schema["title"]?.string ?? ""
        }
    }

    /// Claude 5.x takes no sampling parameters, no prefill, no thinking budget and no forced tool.
    private func refuseWhatNewModelsRefuse(_ fields: RequestFields, lastRole: String?) throws(ProviderFailure) {
        guard model.hasPrefix("claude-"), ["-5-5", "-5-1", "-5-2"].contains(where: model.contains) else { return }
        if let temperature = fields["temperature"]?.number, temperature != 1 {
            throw .invalidRequest("`temperature` is not supported by this model; use the default of 1")
        }
        if let share = fields["top_p"]?.number, share != 1 {
            throw .invalidRequest("`top_p` is not supported by this model")
        }
        if let count = fields["top_k"], !count.isNull {
            throw .invalidRequest("`top_k` is not supported by this model")
        }
        if let choice = fields["tool_choice"]?["type"]?.string, choice == "any" || choice == "tool" {
            throw .invalidRequest("tool_choice: type '\(choice)' is not supported by this model; use 'auto'")
        }
        if let thinking = fields["thinking"]?["type"]?.string, thinking != "adaptive" {
            throw .invalidRequest("thinking: type '\(thinking)' is not supported by this model; use 'adaptive'")
        }
        if lastRole == "assistant" {
            throw .invalidRequest("messages: this model does not support prefilling the assistant message")
        }
    }

    /// The tier as OpenAI's reply names it: `default` unless another was asked for, `priority` for `fast` too.
    private static func openAITier(_ fields: RequestFields) -> String {
        guard let tier = fields["service_tier"]?.string, tier != "auto" else { return "default" }
        return tier == "fast" ? "priority" : tier
    }

    private static func limit(_ value: JSONValue?, name: String) throws(ProviderFailure) -> Int? {
        guard let value, !value.isNull else { return nil }
        guard let limit = value.integer, limit > 0 else {
            throw .invalidRequest("\(name): must be a positive integer", param: name, code: "invalid_value")
        }
        return limit
    }
}
