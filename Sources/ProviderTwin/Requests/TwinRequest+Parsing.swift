import JSON

extension TwinRequest {
    /// Reads a request body.
    ///
    /// - Parameter ownModels: names that are no provider's, which are served all the same.
    /// - Throws: `ProviderFailure`, the provider's own reply to such a body.
    init(
        endpoint: Endpoint, body: [UInt8], seed: UInt64, ownModels: Set<String> = []
    ) throws(ProviderFailure) {
        guard let fields = (try? JSONValue(parsing: body))?.object.map(RequestFields.init) else {
            throw .invalidRequest(
                "We could not parse the JSON body of your request. The API expects a JSON payload."
            )
        }
        guard let model = fields["model"]?.string, !model.isEmpty else {
            throw endpoint.provider == .openAI
                ? .invalidRequest("you must provide a model parameter", code: "missing_required_parameter")
                : .invalidRequest("model: Field required")
        }
        guard ModelList.has(model, endpoint.provider) || ownModels.contains(model) else {
            throw .unknownModel(model, endpoint.provider)
        }
        let check = FieldCheck(provider: endpoint.provider)
        try check.check(.object(fields.members), RequestRules.rule(for: endpoint), at: check.root)
        try ModelRules(endpoint: endpoint, model: model, fields: fields).check()
        self.init(endpoint: endpoint, model: model)
        isStreaming = fields["stream"]?.bool ?? false
        var text = MessageText()
        switch endpoint {
        case .responses: readResponses(fields, &text)
        case .chatCompletions: readChat(fields, &text)
        case .messages: readMessages(fields, &text)
        }
        system = text.system
        prompt = text.prompt
        inputTokens = Tokenizer.tokens(bytes: text.byteCount)
        if cachePolicy != .none { cacheBorders = text.borders }
        var hash = StableHash(seed)
        hash.combine(endpoint.path)
        hash.combine(body)
        digest = hash.value
    }

    private mutating func readResponses(_ fields: RequestFields, _ text: inout MessageText) {
        if let instructions = fields["instructions"]?.string { text.add(instructions, role: "system") }
        switch fields["input"] {
        case .string(let input): text.add(input, role: "user")
        case .array(let items): for item in items { text.add(message: item) }
        default: break
        }
        maxOutputTokens = fields["max_output_tokens"]?.int
        effort = fields["reasoning"]?["effort"]?.string
        serviceTier = Self.openAITier(fields)
        cacheKey = fields["prompt_cache_key"]?.string ?? ""
        let isExplicit = fields["prompt_cache_options"]?["mode"]?.string == "explicit"
        cachePolicy = isExplicit ? .breakpoints : .implicit
        let format = fields["text"]?["format"]
        if format?["type"]?.string == "json_schema" {
            schemaName = format?["name"]?.string
            schema = format?["schema"]
        }
        echo = ResponsesEncoder.echo(of: fields, maxOutputTokens: maxOutputTokens, serviceTier: serviceTier)
    }

    private mutating func readChat(_ fields: RequestFields, _ text: inout MessageText) {
        for message in fields["messages"]?.array ?? [] { text.add(message: message) }
        maxOutputTokens = fields["max_completion_tokens"]?.int ?? fields["max_tokens"]?.int
        streamsUsage = fields["stream_options"]?["include_usage"]?.bool ?? false
        effort = fields["reasoning_effort"]?.string
        serviceTier = Self.openAITier(fields)
        cacheKey = fields["prompt_cache_key"]?.string ?? ""
        cachePolicy = .readsOnly
        let format = fields["response_format"]
        if format?["type"]?.string == "json_schema" {
            let requested = format?["json_schema"]
            schemaName = requested?["name"]?.string
            schema = requested?["schema"]
        }
    }

    private mutating func readMessages(_ fields: RequestFields, _ text: inout MessageText) {
        maxOutputTokens = fields["max_tokens"]?.int
        let messages = fields["messages"]?.array ?? []
        effort = fields["output_config"]?["effort"]?.string
        serviceTier = "standard"
        if let system = fields["system"] { text.add(content: system, role: "system") }
        for message in messages { text.add(message: message) }
        if let schema = fields["output_config"]?["format"]?["schema"] {
            self.schema = schema
            schemaName = schema["title"]?.string ?? ""
        }
    }

    /// The tier as OpenAI's reply names it: `default` unless another was asked for, `priority` for `fast` too.
    private static func openAITier(_ fields: RequestFields) -> String {
        guard let tier = fields["service_tier"]?.string, tier != "auto" else { return "default" }
        return tier == "fast" ? "priority" : tier
    }
}
