import JSON

/// A message that asks a queue's consumers for a sign of life: a worker acknowledges it at once and says with its next
/// heartbeat that it came. Its age proves that tickets are consumed, which no process id and no connection does.
///
/// It looks like a ticket for a step that there never is: a worker that does not know canaries finds nothing to claim
/// and forgets it.
package struct Canary: Sendable, Equatable {
    /// No step has it.
    package static let stepID = 0
    /// Above every ticket's, so that it measures consumption, not how much waits: the queues have 0 to 5.
    package static let brokerPriority: UInt8 = 5
    /// Between two canaries of a queue: short beside what people notice, and one message per queue costs nothing.
    package static let interval: Duration = .seconds(5)
    /// One without an answer that is not in the queue any more was lost by then: workers answer with their next heartbeat.
    package static let lossAfter: Duration = .seconds(10)
    /// One that lies in the queue among tickets may be lost as well. A minute, so that few lie there if it is not.
    package static let doubtAfter: Duration = .seconds(60)
    /// Consumers that have free places and take no canary for longer do not consume: one that was lost fits in.
    package static let patience: Duration = .seconds(15)

    package var agentType: String
    /// Of its queue: rises by one with each.
    package var number: Int

    package init(agentType: String, number: Int) {
        self.agentType = agentType
        self.number = number
    }

    /// The message body.
    package var json: String {
        let value: JSONValue = [
            "step_id": .integer(Self.stepID), "agent_type": .string(agentType), "canary": .integer(number),
        ]
        return value.serialized()
    }

    /// Reads a message body; nil for everything else.
    package init?(_ body: [UInt8]) {
        guard let json = try? JSONValue(parsing: body), json["step_id"]?.int == Self.stepID,
            let agentType = json["agent_type"]?.string, let number = json["canary"]?.int
        else { return nil }
        self.init(agentType: agentType, number: number)
    }

    /// Of these canaries so many may pass a consumer by although it listens: the broker gives them to its consumers in
    /// turn, and each that is full, or has just come, shifts the turns.
    package static func passedBy(consumers: Int) -> Int { 2 * max(1, consumers) + 2 }
}
