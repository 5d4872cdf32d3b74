/// Dead letters that nobody has dealt with and that died of the same thing.
package struct DeadLetterGroup: Sendable, Equatable {
    package var fingerprint: String
    package var count: Int
    /// Tasks that they belong to.
    package var tasks: Int
    /// Of them, those that a replay is dealing with.
    package var replaying: Int
    package var errorCode: String
    package var agentType: String
    package var kind: String?
    package var model: String?
    package var promptVersion: String?
    /// In microseconds since 1970-01-01 UTC.
    package var first: Int
    package var last: Int
    /// The newest, and what it says.
    package var example: Int
    package var error: String?

    package init(
        fingerprint: String, count: Int, tasks: Int, replaying: Int, errorCode: String, agentType: String,
        kind: String?,
        model: String?, promptVersion: String?, first: Int, last: Int, example: Int, error: String?
    ) {
        self.fingerprint = fingerprint
        self.count = count
        self.tasks = tasks
        self.replaying = replaying
        self.errorCode = errorCode
        self.agentType = agentType
        self.kind = kind
        self.model = model
        self.promptVersion = promptVersion
        self.first = first
        self.last = last
        self.example = example
        self.error = error
    }
}
