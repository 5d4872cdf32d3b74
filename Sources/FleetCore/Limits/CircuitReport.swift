package import JSON

/// A circuit that is not closed, as a worker's row says it.
package struct CircuitReport: Sendable, Equatable {
    /// As in the model catalogue.
    package var provider: String
    /// Nil: all models of the provider.
    package var model: String?
    /// Why nobody calls.
    package var reason: CircuitBreaker.Reason
    /// What was said last; safe to show.
    package var error: String
    /// Microseconds since 1970, by the database's clock.
    package var openedAt: Int
    /// When a probe goes out next; microseconds since 1970.
    package var probesAt: Int

    package init(
        provider: String, model: String?, reason: CircuitBreaker.Reason, error: String, openedAt: Int, probesAt: Int
    ) {
        self.provider = provider
        self.model = model
        self.reason = reason
        self.error = error
        self.openedAt = openedAt
        self.probesAt = probesAt
    }

    package var json: JSONValue {
        [
            "provider": .string(provider), "model": model.map { .string($0) } ?? .null,
            "reason": .string(reason.rawValue), "error": .string(error), "opened_at": .integer(openedAt),
            "probes_at": .integer(probesAt),
        ]
    }

    /// Nil for what a newer program has written and this one does not know.
    package init?(_ json: JSONValue) {
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
package struct CircuitReset: Sendable, Equatable {
    /// Rises with every reset.
    package var number: Int
    /// Nil: of all providers.
    package var provider: String?
    /// Nil: of all models, and the provider's own.
    package var model: String?

    package init(number: Int, provider: String?, model: String?) {
        self.number = number
        self.provider = provider
        self.model = model
    }
}
