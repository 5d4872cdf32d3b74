package import FleetCore

/// What the rows say of the whole fleet at a moment, for those who watch it.
package struct FleetRows: Sendable, Equatable {
    /// Parked steps of one agent type that wait for the same; new tasks that a pause has set aside are steps of the type
    /// that they begin with.
    package struct Parked: Sendable, Equatable {
        package var agentType: String
        package var reason: String
        package var steps: Int
    }

    /// Running steps whose first call waits for a limit.
    package struct LimitedCalls: Sendable, Equatable {
        package var wait: LimitWait
        package var steps: Int
        /// Of the longest wait, in seconds.
        package var longest: Double

        package init(wait: LimitWait, steps: Int, longest: Double) {
            self.wait = wait
            self.steps = steps
            self.longest = longest
        }
    }

    /// Open dead letters of an agent type.
    package struct Letters: Sendable, Equatable {
        package var agentType: String
        package var count: Int
        /// Of the oldest, in seconds.
        package var age: Double
    }

    /// A circuit that workers have open; model nil: of the whole provider.
    package struct Circuit: Sendable, Equatable {
        package var provider: String
        package var model: String?
        package var workers: Int
    }

    /// Calls booked in the last five minutes.
    package struct Calls: Sendable, Equatable {
        package var provider: String
        package var model: String
        /// succeeded, failed or lost.
        package var outcome: String
        package var count: Int
        package var cost: CostSums
        /// Of them those of the last 60 s.
        package var recent: Int
        package var recentTokens: Int
    }

    /// How an agent type's queue is consumed.
    package struct Consumption: Sendable, Equatable {
        package var agentType: String
        /// Seconds since a worker last took a canary out of it; nil: none has.
        package var canaryAge: Double?
        /// Seconds for which workers with free places have taken none; 0: they do.
        package var silence: Double
    }

    /// Live workers in a state.
    package struct Workers: Sendable, Equatable {
        package var state: String
        package var count: Int
        package var slots: Int
        package var running: Int
    }

    package var parked: [Parked] = []
    package var letters: [Letters] = []
    package var limits: [LimitSetting] = []
    package var limitedCalls: [LimitedCalls] = []
    package var circuits: [Circuit] = []
    package var calls: [Calls] = []
    package var consumption: [Consumption] = []
    package var workers: [Workers] = []
    /// Unfinished tasks by workflow state.
    package var tasks: [String: Int] = [:]
    /// Seconds since something last happened to the task that was longest left alone; nil if none is taken up.
    package var longestSilence: Double?
    package var wakeUps = 0
    /// By scope.
    package var holds: [String: Int] = [:]
    /// By state, those that are not over.
    package var operations: [String: Int] = [:]
    package var sessions = 0
    package var mostSessions = 0
    /// Seconds for which a snapshot has been held; nil if none is.
    package var oldestSnapshot: Double?
}
