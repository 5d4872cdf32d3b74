/// A pause that an operator has put on some of the work: what it covers is not dispatched until it is lifted; what runs
/// finishes.
package struct Hold: Sendable, Equatable {
    /// Which work.
    package enum Scope: Sendable, Hashable {
        case agentType(String)
        case user(String)
        /// By id.
        case batch(String)
        /// Of the batch with this id, what is not in the sample of its pilot.
        case pilot(String)

        /// The name of the scope in rows and messages.
        package var kind: String {
            switch self {
            case .agentType: "type"
            case .user: "user"
            case .batch: "batch"
            case .pilot: "pilot"
            }
        }

        /// What the scope names: an agent type, a user, a batch's id.
        package var subject: String {
            switch self {
            case .agentType(let name), .user(let name), .batch(let name), .pilot(let name): name
            }
        }

        /// Nil if there is no such kind.
        package init?(kind: String, subject: String) {
            switch kind {
            case "type": self = .agentType(subject)
            case "user": self = .user(subject)
            case "batch": self = .batch(subject)
            case "pilot": self = .pilot(subject)
            default: return nil
            }
        }

        /// The command that lifts a hold of this scope.
        package var resumeCommand: String {
            switch self {
            case .agentType(let name): "mixmyai queue resume \(name)"
            case .user(let name): "mixmyai queue resume --user \(name)"
            case .batch(let id): "mixmyai queue resume --batch \(id)"
            case .pilot(let id): "the end of the pilot, or mixmyai batch resume \(id) --now"
            }
        }
    }

    package var scope: Scope
    package var reason: String
    /// Who put it there.
    package var actor: String
    /// Microseconds since 1970-01-01 UTC.
    package var since: Int

    package init(scope: Scope, reason: String, actor: String, since: Int) {
        self.scope = scope
        self.reason = reason
        self.actor = actor
        self.since = since
    }
}

extension [Hold] {
    /// Why what they cover waits: the oldest of them says it; nil if there are none.
    ///
    /// - Parameter owner: whose scope it is, `its` of a step or a task.
    func explanation(owner: String) -> WaitExplanation? {
        self.min(by: { $0.since < $1.since }).map { hold in
            if case .pilot(let id) = hold.scope {
                return WaitExplanation(
                    "pilot", "it is not in the sample of the pilot of batch \(id): \(hold.reason)", since: hold.since,
                    start: hold.scope.resumeCommand)
            }
            return WaitExplanation(
                "pause", "\(hold.actor) has paused \(owner) \(hold.scope.kind) \(hold.scope.subject): \(hold.reason)",
                since: hold.since, start: hold.scope.resumeCommand)
        }
    }
}
