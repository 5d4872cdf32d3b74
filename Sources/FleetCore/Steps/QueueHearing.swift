package import JSON

/// What a worker has heard from a queue that it consumes.
package struct QueueHearing: Sendable, Equatable {
    /// The last canary that it received; 0: none yet.
    package var canary: Int
    /// When, in microseconds since 1970 by the database's clock.
    package var canaryAt: Int?
    /// Since when it has places free and has received nothing at all; the same clock.
    package var quietSince: Int
    /// So many canaries went by meanwhile that it should have received one: it has subscribed again.
    package var isDeaf: Bool

    package init(canary: Int, canaryAt: Int?, quietSince: Int, isDeaf: Bool) {
        self.canary = canary
        self.canaryAt = canaryAt
        self.quietSince = quietSince
        self.isDeaf = isDeaf
    }

    package var json: JSONValue {
        [
            "canary": .integer(canary), "canary_at": canaryAt.map { .integer($0) } ?? .null,
            "quiet_since": .integer(quietSince), "is_deaf": .bool(isDeaf),
        ]
    }

    /// Nil for what another version has written and this one does not know.
    package init?(_ json: JSONValue) {
        guard let canary = json["canary"]?.int, let quietSince = json["quiet_since"]?.int else { return nil }
        self.init(
            canary: canary, canaryAt: json["canary_at"]?.int, quietSince: quietSince,
            isDeaf: json["is_deaf"]?.bool ?? false)
    }
}

/// What the rows say of a queue's canaries to a worker that consumes it.
package struct CanaryNews: Sendable, Equatable {
    package var agentType: String
    /// Of the last one sent.
    package var number: Int
    /// As the broker last said.
    package var consumers: Int
    /// For how long workers with free places have taken none of them; nil: they do.
    package var silence: Duration?

    package init(agentType: String, number: Int, consumers: Int, silence: Duration? = nil) {
        self.silence = silence
        self.agentType = agentType
        self.number = number
        self.consumers = consumers
    }
}
