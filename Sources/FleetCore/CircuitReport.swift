/// A circuit that is not closed, as a worker's row says it.
public struct CircuitReport: Sendable, Equatable {
    /// As in the model catalogue.
    public var provider: String
    /// Nil: all models of the provider.
    public var model: String?
    /// Why nobody calls.
    public var reason: CircuitBreaker.Reason
    /// What was said last; safe to show.
    public var error: String
    /// Microseconds since 1970, by the database's clock.
    public var openedAt: Int
    /// When a probe goes out next; microseconds since 1970.
    public var probesAt: Int

    /// All parts as the worker knows them.
    public init(
        provider: String, model: String?, reason: CircuitBreaker.Reason, error: String, openedAt: Int, probesAt: Int
    ) {
        self.provider = provider
        self.model = model
        self.reason = reason
        self.error = error
        self.openedAt = openedAt
        self.probesAt = probesAt
    }

    /// As it stands in the row.
    public var json: JSONValue {
        [
            "provider": .string(provider), "model": model.map { .string($0) } ?? .null,
            "reason": .string(reason.rawValue), "error": .string(error), "opened_at": .integer(openedAt),
            "probes_at": .integer(probesAt),
        ]
    }

    /// Nil for what a newer program has written and this one does not know.
    public init?(_ json: JSONValue) {
        guard let provider = json["provider"]?.string,
            let reason = json["reason"]?.string.flatMap(CircuitBreaker.Reason.init(rawValue:)),
            let openedAt = json["opened_at"]?.int, let probesAt = json["probes_at"]?.int
        else { return nil }
        self.init(
            provider: provider, model: json["model"]?.string, reason: reason, error: json["error"]?.string ?? "",
            openedAt: openedAt, probesAt: probesAt)
    }
}

/// An operator wants circuits closed now.
public struct CircuitReset: Sendable, Equatable {
    /// Rises with every reset.
    public var number: Int
    /// Nil: of all providers.
    public var provider: String?
    /// Nil: of all models, and the provider's own.
    public var model: String?

    /// All parts as they are stored.
    public init(number: Int, provider: String?, model: String?) {
        self.number = number
        self.provider = provider
        self.model = model
    }
}
