import JSON

/// One call on the bill.
struct BillLine: Sendable {
    /// The hashed credential.
    var key: String?
    var idempotencyKey: String?
    var model: String?
    var endpoint: Endpoint
    /// The status sent; 0 when the connection ended before any.
    var status: Int
    var serviceTier: String?
    /// UTC day that chose the price.
    var day: String
    /// What is charged; zero if nothing is.
    var usage: Usage
    var isBilled: Bool
    var why: String
    var microUSD: Int

    /// Prices the verdict; a model without a price costs nothing and says so.
    init(
        key: String?, idempotencyKey: String?, model: String?, endpoint: Endpoint, status: Int, charge: Charge?,
        verdict: Charge.Verdict, day: String
    ) {
        self.key = key
        self.idempotencyKey = idempotencyKey
        self.model = model
        self.endpoint = endpoint
        self.status = status
        self.day = day
        serviceTier = charge?.serviceTier
        usage = verdict.usage
        isBilled = verdict.isBilled
        why = verdict.why
        microUSD = 0
        guard isBilled, let model else { return }
        if let price = PriceList.price(of: model, inputTokens: usage.input, on: day) {
            microUSD = price.cost(of: usage, tier: serviceTier)
        } else {
            isBilled = false
            why = "unknown_model"
        }
    }

    func write(to json: inout JSONWriter) {
        json.beginObject()
        json.optional("key", key)
        json.optional("idempotency_key", idempotencyKey)
        json.optional("model", model)
        json.field("endpoint", endpoint.path)
        json.field("status", status)
        json.optional("service_tier", serviceTier)
        json.field("day", day)
        json.field("uncached_input_tokens", usage.uncachedInput)
        json.field("cache_read_tokens", usage.cacheRead)
        json.field("cache_write_tokens", usage.cacheWrite)
        json.field("output_tokens", usage.output)
        json.field("reasoning_tokens", usage.reasoning)
        json.key("billed")
        json.write(isBilled)
        json.field("why", why)
        json.field("micro_usd", microUSD)
        json.append(raw: "}\n")
    }
}
