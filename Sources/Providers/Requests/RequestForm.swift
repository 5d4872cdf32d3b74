internal import FleetCore

/// What a request to a model says beyond the question: by the catalogue, less what its server was found to refuse.
struct RequestForm: Sendable, Equatable {
    /// A part of the request that can be left out.
    enum Part: Sendable, Hashable {
        case streamOptions
        case temperature
        case effort
        case cacheOptions
        case store
        case stream
    }

    private(set) var tokenLimit: ModelSpec.TokenLimitParameter
    private(set) var responseFormat: ModelSpec.ResponseFormat
    private(set) var omitted: Set<Part> = []
    private var refusedLimits: Set<ModelSpec.TokenLimitParameter> = []
    private let api: ModelSpec.API
    private let isDefaultHost: Bool

    init(_ spec: ModelSpec, isDefaultHost: Bool) {
        api = spec.api
        self.isDefaultHost = isDefaultHost
        responseFormat = spec.responseFormat
        // OpenAI's reasoning models refuse the old name, most compatible servers know only that one.
        tokenLimit = spec.tokenLimit ?? (isDefaultHost ? .maxCompletionTokens : .maxTokens)
        if !spec.asksForUsage { omitted.insert(.streamOptions) }
        if spec.temperature == nil { omitted.insert(.temperature) }
        if spec.effort == nil { omitted.insert(.effort) }
        if spec.cacheMode == .notSent { omitted.insert(.cacheOptions) }
    }

    /// How the parameters are named that the request has and could do without, in the words that servers use for them.
    var names: [String] {
        var names: [String] = []
        func add(_ part: Part, _ words: String...) {
            if !omitted.contains(part) { names += words }
        }
        switch api {
        case .chatCompletions:
            if tokenLimit != .notSent { names.append(tokenLimit.rawValue) }
            if responseFormat != .none { names += ["response_format", responseFormat.rawValue] }
            add(.streamOptions, "stream_options", "include_usage")
            add(.effort, "reasoning_effort")
        case .responses:
            if tokenLimit != .notSent { names.append("max_output_tokens") }
            if responseFormat != .none { names += ["text.format", "text", "response_format", responseFormat.rawValue] }
            add(.effort, "reasoning.effort", "reasoning")
            add(.cacheOptions, "prompt_cache_options", "prompt_cache_key")
            // Without it OpenAI keeps what users wrote.
            if !isDefaultHost { add(.store, "store") }
        case .messages:
            if responseFormat != .none { names += ["output_config.format", "output_format"] }
            add(.effort, "output_config.effort")
            if responseFormat != .none || !omitted.contains(.effort) { names.append("output_config") }
        }
        add(.temperature, "temperature")
        if !isDefaultHost { add(.stream, "stream") }
        return names
    }

    /// The form without a parameter; nil if it cannot be left out.
    func without(_ name: String) -> RequestForm? {
        guard names.contains(name) else { return nil }
        var form = self
        switch name {
        case "max_output_tokens": form.tokenLimit = .notSent
        case "max_tokens", "max_completion_tokens": form.refuseLimit()
        case "stream_options", "include_usage": form.omitted.insert(.streamOptions)
        case "temperature": form.omitted.insert(.temperature)
        case "reasoning_effort", "reasoning.effort", "reasoning", "output_config.effort": form.omitted.insert(.effort)
        case "prompt_cache_options", "prompt_cache_key": form.omitted.insert(.cacheOptions)
        case "store": form.omitted.insert(.store)
        case "stream": form.omitted.formUnion([.stream, .streamOptions])
        case "output_config":
            form.omitted.insert(.effort)
            form.responseFormat = .none
        default: form.responseFormat = responseFormat == .jsonSchema && api != .messages ? .jsonObject : .none
        }
        return form
    }

    /// The other name; nothing once both were refused.
    private mutating func refuseLimit() {
        refusedLimits.insert(tokenLimit)
        let other: ModelSpec.TokenLimitParameter = tokenLimit == .maxTokens ? .maxCompletionTokens : .maxTokens
        tokenLimit = refusedLimits.contains(other) ? .notSent : other
    }
}
