/// One question to one model.
package struct ModelRequest: Sendable {
    /// Name of the model in the model catalogue.
    package var model: String
    /// Instructions: the agent's prompt file.
    package var system: String
    /// The material: task, subtask, solutions, each in a tagged and escaped section. One block per zone of the input
    /// manifest, what many prompts have in common first; a repair adds one.
    package var blocks: [String]
    /// What the answer must look like; its `name` is the step kind.
    package var schema: OutputSchema
    /// Upper bound of generated tokens.
    package var maxOutputTokens: Int
    /// The call is given up after this long, measured from its start.
    package var timeout: Duration
    /// Sent to providers that honour one; the same for the same step, attempt and call.
    package var idempotencyKey: String
    /// Agent type that asks, for the provider twin's record and for telemetry.
    package var agentType: String
    /// Told what the head of an answer says about the provider's limits as soon as it is there: at the end of a long answer
    /// it would be long out of date.
    package var onLimits: @Sendable (ReportedLimits) -> Void = { _ in }

    /// The idempotency key may be set later: it differs for each call of an attempt.
    package init(
        model: String, system: String, blocks: [String], schema: OutputSchema, maxOutputTokens: Int,
        timeout: Duration, idempotencyKey: String, agentType: String
    ) {
        self.model = model
        self.system = system
        self.blocks = blocks
        self.schema = schema
        self.maxOutputTokens = maxOutputTokens
        self.timeout = timeout
        self.idempotencyKey = idempotencyKey
        self.agentType = agentType
    }

    /// The blocks as one text: the same bytes whatever the wire format.
    package var prompt: String { blocks.joined(separator: "\n") }

    /// Bytes of instructions and prompt.
    package var size: Int { system.utf8.count + blocks.reduce(max(0, blocks.count - 1)) { $0 + $1.utf8.count } }
}
