/// How one part of the fleet is, for people who do not know the code.
package struct PartHealth: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case database, broker, redis, gateway, process, scheduler, workflow, worker, queue, provider
    }

    package enum State: String, Sendable, CaseIterable {
        case healthy
        /// It works, less well than it should.
        case degraded
        /// It does not do what it is for.
        case ill
        /// Who would know does not say.
        case unknown
    }

    package var kind: Kind
    /// Among those of its kind; nil: there is one.
    package var name: String?
    package var state: State
    /// For how long, in seconds; nil: not known.
    package var age: Double?
    /// What is the matter, or what shows that nothing is: words without a full stop.
    package var reason: String
    /// What to do; nil: nothing.
    package var remedy: String?
    /// The page that says more: a file of `ops/runbooks` without its ending.
    package var runbook: String?

    /// It is known not to be as it should be.
    package var isAiling: Bool { state == .ill || state == .degraded }

    package init(
        _ kind: Kind, _ name: String? = nil, _ state: State, age: Double? = nil, _ reason: String,
        remedy: String? = nil,
        runbook: String? = nil
    ) {
        self.kind = kind
        self.name = name
        self.state = state
        self.age = age
        self.reason = reason
        self.remedy = remedy
        self.runbook = runbook
    }

    /// `worker fleet-1`.
    package var part: String { name.map { "\(kind.rawValue) \($0)" } ?? kind.rawValue }
}
