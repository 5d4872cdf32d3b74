internal import FleetCore

/// Reads the YAML of a model catalogue field by field.
struct ModelCatalogueReader {
    let file: String

    private static let modelFields = [
        "name", "provider", "api", "model_id", "limit_class", "max_input_tokens", "max_output_tokens", "temperature",
        "effort", "structured_output", "response_format", "max_tokens_parameter", "stream_options", "cache_mode",
        "free",
        "tiers", "prices",
    ]

    func read(_ yaml: String) throws(ModelCatalogueError) -> (models: [ModelSpec], billing: BillingRules) {
        let document: YAMLNode?
        do {
            document = try YAMLDocument.parse(yaml)
        } catch {
            throw ModelCatalogueError(
                file: file, line: error.line, model: nil, field: "", problem: "is not YAML: \(error.text)",
                allowed: "one YAML 1.1 document without tags and merge keys")
        }
        guard let document else {
            throw ModelCatalogueError(
                file: file, line: nil, model: nil, field: "", problem: "is empty", allowed: "a list `models`")
        }
        let top = CatalogueFields(file: file, model: nil, path: "", node: document)
        try top.allow(["models", "billing"])
        var specs: [ModelSpec] = []
        var problems: [ModelCatalogueError] = []
        for entry in try top.list("models") {
            do throws(ModelCatalogueError) {
                let spec = try model(entry)
                if specs.contains(where: { $0.name == spec.name }) {
                    throw entry.error("name", "occurs twice", "a name of its own for every model")
                }
                specs.append(spec)
            } catch {
                problems.append(error)
            }
        }
        var billing = BillingRules()
        if top.has("billing") {
            do throws(ModelCatalogueError) {
                billing = try BillingRuleReader().read(top.list("billing"))
            } catch {
                problems.append(error)
            }
        }
        if let first = problems.first { throw first.with(others: Array(problems.dropFirst())) }
        return (specs, billing)
    }

    private func model(_ entry: CatalogueFields) throws(ModelCatalogueError) -> ModelSpec {
        var fields = entry
        let name = try fields.name("name")
        fields.model = name
        try fields.allow(Self.modelFields)
        let provider = try fields.choice("provider", ["openai", "anthropic"])
        let apis: [ModelSpec.API] = provider == "openai" ? [.responses, .chatCompletions] : [.messages]
        let api = try fields.choice("api", apis.map(\.rawValue))
        var spec = ModelSpec(
            name: name, provider: provider, api: ModelSpec.API(rawValue: api) ?? apis[0],
            modelID: try fields.name("model_id"), limitClass: try fields.name("limit_class"),
            maxInputTokens: try fields.count("max_input_tokens"),
            maxOutputTokens: try fields.count("max_output_tokens"), prices: try prices(fields))
        if fields.has("temperature") {
            spec.temperature = try fields.number("temperature", provider == "openai" ? 0...2 : 0...1)
        }
        if fields.has("effort") {
            spec.effort = try fields.choice(
                "effort",
                (provider == "openai" ? ["none", "minimal"] : []) + ["low", "medium", "high", "xhigh", "max"])
        }
        try readForm(fields, &spec)
        if fields.has("cache_mode") {
            let allowed: [ModelSpec.CacheMode] = spec.api == .responses ? ModelSpec.CacheMode.allCases : [.notSent]
            let mode = try fields.choice("cache_mode", allowed.map(\.rawValue))
            spec.cacheMode = ModelSpec.CacheMode(rawValue: mode) ?? spec.cacheMode
        }
        if fields.has("tiers") { spec.tiers = try fields.factors("tiers") }
        try checkFree(fields, spec.prices)
        return spec
    }

    /// What the endpoint takes, where compatible servers differ.
    private func readForm(_ fields: CatalogueFields, _ spec: inout ModelSpec) throws(ModelCatalogueError) {
        if fields.has("structured_output") {
            spec.responseFormat = try fields.flag("structured_output") ? .jsonSchema : .none
        }
        if fields.has("response_format") {
            let formats = ModelSpec.ResponseFormat.allCases.filter { spec.api != .messages || $0 != .jsonObject }
            let format = try fields.choice("response_format", formats.map(\.rawValue))
            spec.responseFormat = ModelSpec.ResponseFormat(rawValue: format) ?? spec.responseFormat
            if fields.has("structured_output"), try fields.flag("structured_output") != spec.supportsSchema {
                throw fields.error(
                    "structured_output", "contradicts response_format", "one of the two; response_format says more")
            }
        }
        let isChat = spec.api == .chatCompletions
        for field in ["max_tokens_parameter", "stream_options"] where fields.has(field) && !isChat {
            throw fields.error(field, "is only for api: chat_completions", "nothing here")
        }
        if fields.has("max_tokens_parameter") {
            let name = try fields.choice(
                "max_tokens_parameter", ModelSpec.TokenLimitParameter.allCases.map(\.rawValue))
            spec.tokenLimit = ModelSpec.TokenLimitParameter(rawValue: name)
        }
        if fields.has("stream_options") { spec.asksForUsage = try fields.flag("stream_options") }
    }

    /// A model costs nothing only if the file says so in words: a price that was forgotten makes all sums wrong.
    private func checkFree(_ fields: CatalogueFields, _ prices: [ModelPrice]) throws(ModelCatalogueError) {
        let isFree = prices.allSatisfy { $0.input + $0.cacheRead + $0.cacheWrite + $0.output == .zero }
        let saysFree = fields.has("free") ? try fields.flag("free") : false
        if isFree && !saysFree { throw fields.error("prices", "are all 0", "prices, or `free: true` beside them") }
        if saysFree && !isFree { throw fields.error("free", "is true, but there are prices", "prices of \"0\" only") }
    }

    /// Prices by day and, inside a day, by prompt size; each day ends with a price for all larger prompts.
    private func prices(_ fields: CatalogueFields) throws(ModelCatalogueError) -> [ModelPrice] {
        var prices: [ModelPrice] = []
        let entries = try fields.list("prices")
        for entry in entries {
            try entry.allow([
                "effective_from", "valid_until", "up_to_input_tokens", "input", "cache_read", "cache_write", "output",
            ])
            let price = ModelPrice(
                effectiveFrom: try entry.day("effective_from"),
                validUntil: entry.has("valid_until") ? try entry.day("valid_until") : nil,
                upToInputTokens: entry.has("up_to_input_tokens") ? try entry.count("up_to_input_tokens") : nil,
                input: try entry.amount("input"), cacheRead: try entry.amount("cache_read"),
                cacheWrite: try entry.amount("cache_write"), output: try entry.amount("output"))
            if let end = price.validUntil, end < price.effectiveFrom {
                throw entry.error("valid_until", "is before effective_from", "the last day of the price")
            }
            if let last = prices.last {
                if price.effectiveFrom < last.effectiveFrom {
                    throw entry.error("effective_from", "is before the entry above", "days in order, oldest first")
                }
                if price.effectiveFrom == last.effectiveFrom,
                    last.upToInputTokens ?? .max >= price.upToInputTokens ?? .max
                {
                    throw entry.error(
                        "up_to_input_tokens", "is not larger than the entry above of the same day",
                        "bands from small to large, the last one of a day without up_to_input_tokens")
                }
                if price.effectiveFrom != last.effectiveFrom { try refuseOpenEnd(last, entry) }
            }
            prices.append(price)
        }
        if let last = prices.last, let entry = entries.last { try refuseOpenEnd(last, entry) }
        return prices
    }

    /// Prompts above the last band would have no price.
    private func refuseOpenEnd(_ last: ModelPrice, _ entry: CatalogueFields) throws(ModelCatalogueError) {
        guard last.upToInputTokens != nil else { return }
        throw entry.error(
            "up_to_input_tokens", "the prices from \(last.effectiveFrom) end at a prompt size",
            "a last entry of that day without up_to_input_tokens")
    }
}
