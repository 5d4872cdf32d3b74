import JSON

/// What goes beyond the form of a request: combinations, and what single models do not take.
struct ModelRules {
    let endpoint: Endpoint
    let model: String
    let fields: RequestFields

    /// - Throws: the provider's own reply.
    func check() throws(ProviderFailure) {
        switch endpoint {
        case .responses: try checkResponses()
        case .chatCompletions: try checkChat()
        case .messages: try checkMessages()
        }
    }

    // MARK: OpenAI

    /// Every model of OpenAI that is still served reasons; an own model behind the same API is nobody's business.
    private var isReasoningModel: Bool { model.hasPrefix("gpt-") }

    /// Models that cannot be kept from reasoning.
    private var takesNoEffortNone: Bool {
        ["gpt-6-astra", "gpt-6.2-astra", "gpt-6.2-sol", "gpt-6.1-sol"].contains(model)
    }

    private func checkResponses() throws(ProviderFailure) {
        try checkEffort(fields["reasoning"]?["effort"]?.string, param: "reasoning.effort")
        if isReasoningModel, fields["reasoning"]?["effort"]?.string != "none" {
            try refuse(["temperature", "top_p", "top_logprobs"])
        }
        if case .array(let items) = fields["input"] {
            for (index, item) in items.enumerated() { try checkParts(item, place: "input[\(index)]") }
        }
        if let format = fields["text"]?["format"] { try checkFormat(format, format, place: "text.format") }
        try checkStreamOptions()
    }

    private func checkChat() throws(ProviderFailure) {
        if fields["messages"]?.array?.isEmpty ?? false {
            throw .invalidRequest(
                "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
                param: "messages", code: "empty_array")
        }
        for (index, message) in (fields["messages"]?.array ?? []).enumerated() {
            let isAssistant = message["role"]?.string == "assistant"
            guard message["content"]?.isNull ?? true, !isAssistant else { continue }
            throw .missingParameter("messages[\(index)].content")
        }
        try checkEffort(fields["reasoning_effort"]?.string, param: "reasoning_effort")
        if isReasoningModel {
            if isSaid("max_tokens") {
                throw .unsupported("max_tokens", hint: " Use 'max_completion_tokens' instead.")
            }
            if fields["reasoning_effort"]?.string != "none" {
                for name in ["temperature", "top_p"] {
                    guard let value = fields[name]?.double, value != 1 else { continue }
                    throw .invalidRequest(
                        "Unsupported value: '\(name)' does not support \(value) with this model. Only the default (1) value "
                            + "is supported.", param: name, code: "unsupported_value")
                }
                try refuse([
                    "presence_penalty", "frequency_penalty", "logit_bias", "logprobs", "top_logprobs", "stop",
                ])
            }
        }
        if let format = fields["response_format"] {
            try checkFormat(format, format["json_schema"] ?? .null, place: "response_format")
        }
        try checkStreamOptions()
    }

    private func checkEffort(_ effort: String?, param: String) throws(ProviderFailure) {
        guard effort == "none", takesNoEffortNone else { return }
        throw .invalidRequest(
            "Unsupported value: 'none' is not supported with the '\(model)' model. Supported values are: 'low', "
                + "'medium', 'high', 'xhigh', and 'max'.", param: param, code: "unsupported_value")
    }

    private func checkStreamOptions() throws(ProviderFailure) {
        guard isSaid("stream_options"), fields["stream"]?.bool != true else { return }
        throw .invalidRequest(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.", param: "stream_options")
    }

    /// What a model has said is told in other parts than what it is asked.
    private func checkParts(_ item: JSONValue, place: String) throws(ProviderFailure) {
        guard item["type"]?.string ?? "message" == "message" else { return }
        let isAssistant = item["role"]?.string == "assistant"
        for (index, part) in (item["content"]?.array ?? []).enumerated() {
            guard let type = part["type"]?.string, ["output_text", "refusal"].contains(type) != isAssistant else {
                continue
            }
            let allowed = isAssistant ? "'output_text' and 'refusal'" : "'input_text', 'input_image', and 'input_file'"
            throw .invalidRequest(
                "Invalid value: '\(type)'. Supported values are: \(allowed).", param: "\(place).content[\(index)].type",
                code: "invalid_value")
        }
    }

    private func checkFormat(_ format: JSONValue, _ named: JSONValue, place: String) throws(ProviderFailure) {
        switch format["type"]?.string {
        case "json_object"?:
            guard fields.mentionsJSON else {
                throw .invalidRequest(
                    "'messages' must contain the word 'json' in some form, to use '\(place)' of type 'json_object'.",
                    param: endpoint == .responses ? "input" : "messages")
            }
        case "json_schema"?:
            let place = endpoint == .responses ? place : "\(place).json_schema"
            let name = named["name"]?.string ?? ""
            guard (1...64).contains(name.utf8.count), name.utf8.allSatisfy(Self.isNameByte) else {
                throw .invalidRequest(
                    "Invalid '\(place).name': string does not match pattern. Expected a string that matches the pattern "
                        + "'^[a-zA-Z0-9_-]+$'.", param: "\(place).name", code: "invalid_value")
            }
            guard let schema = named["schema"] else { return }
            let isStrict = named["strict"]?.bool ?? false
            if let problem = SchemaRules(needsRequired: isStrict).problem(in: schema, needsClosed: isStrict) {
                throw .invalidRequest(
                    "Invalid schema for response_format '\(name)': \(problem)", param: "\(place).schema",
                    code: "invalid_json_schema")
            }
        default: break
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private func refuse(_ names: [String]) throws(ProviderFailure) {
        for name in names where isSaid(name) { throw .unsupported(name) }
    }

    private func isSaid(_ name: String) -> Bool { !(fields[name]?.isNull ?? true) }

    // MARK: Anthropic

    private static let largestAnswer = 128_000

    private func checkMessages() throws(ProviderFailure) {
        if let limit = fields["max_tokens"]?.int, limit > Self.largestAnswer, model.hasPrefix("claude-") {
            throw .invalidRequest(
                "max_tokens: \(limit) > \(Self.largestAnswer), which is the maximum allowed number of output tokens for "
                    + model)
        }
        let messages = fields["messages"]?.array ?? []
        guard !messages.isEmpty else { throw .invalidRequest("messages: at least one message is required") }
        for (index, message) in messages.enumerated() {
            let blocks = message["content"]?.array
            if message["content"]?.string?.isEmpty ?? blocks?.isEmpty ?? false {
                throw .invalidRequest("messages.\(index): all messages must have non-empty content")
            }
            if blocks?.contains(where: { $0["type"]?.string == "text" && $0["text"]?.string?.isEmpty ?? true }) ?? false
            {
                throw .invalidRequest("messages: text content blocks must be non-empty")
            }
        }
        if let schema = fields["output_config"]?["format"]?["schema"],
            let problem = SchemaRules(needsRequired: false).problem(in: schema, needsClosed: true)
        {
            throw .invalidRequest("output_config.format.schema: \(problem)")
        }
        try refuseWhatNewModelsRefuse(lastRole: messages.last?["role"]?.string)
    }

    /// Claude 5.x takes no sampling parameters, no prefill, no thinking budget and no forced tool.
    private func refuseWhatNewModelsRefuse(lastRole: String?) throws(ProviderFailure) {
        guard model.hasPrefix("claude-"), ["-5-5", "-5-1", "-5-2"].contains(where: model.contains) else { return }
        if let temperature = fields["temperature"]?.double, temperature != 1 {
            throw .invalidRequest("`temperature` is not supported by this model; use the default of 1")
        }
        if let share = fields["top_p"]?.double, share != 1 {
            throw .invalidRequest("`top_p` is not supported by this model")
        }
        if isSaid("top_k") { throw .invalidRequest("`top_k` is not supported by this model") }
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
}
