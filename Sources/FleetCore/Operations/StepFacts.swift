/// What the rows say about a step, for the question why it does not move.
package struct StepFacts: Sendable, Equatable {
    /// A worker as the step's lease names it.
    package struct Holder: Sendable, Equatable {
        package var name: String
        /// Seconds since its last sign of life.
        package var heartbeatAge: Double

        package init(name: String, heartbeatAge: Double) {
            self.name = name
            self.heartbeatAge = heartbeatAge
        }
    }

    /// A limit that calls wait for.
    package struct LimitedCalls: Sendable, Equatable {
        package var wait: LimitWait
        /// Running steps whose first call waits for it.
        package var steps: Int

        package init(wait: LimitWait, steps: Int) {
            self.wait = wait
            self.steps = steps
        }
    }

    /// The queue that the step is for; nil in ``StepFacts/queue`` if the fleet does not know the type.
    package struct Queue: Sendable, Equatable {
        /// The type has left the catalogue.
        package var isRetired: Bool
        /// Live workers that serve the type, and their places.
        package var workers: Int
        package var slots: Int
        /// Tickets that may be out, and those that are.
        package var window: Int
        package var dispatched: Int
        /// What most of the type's running steps wait for that wait for a limit; nil: none does.
        package var limited: LimitedCalls?

        package init(isRetired: Bool, workers: Int, slots: Int, window: Int, dispatched: Int) {
            self.isRetired = isRetired
            self.workers = workers
            self.slots = slots
            self.window = window
            self.dispatched = dispatched
        }
    }

    package var stepID: Int
    package var kind: String
    package var agentType: String
    package var subtask: String?
    package var state: StepState
    package var waitReason: StepOutcome.WaitReason?
    package var attempt: Int
    package var throttles = 0
    package var error: String?
    /// Of its present state, in microseconds since 1970-01-01 UTC.
    package var since: Int?
    package var notBefore: Int?
    package var isCancelled = false
    package var holder: Holder?
    /// What its call waits for, if it is running and has called nobody yet; ``limitWaitSince`` says since when.
    package var limitWait: LimitWait?
    package var limitWaitSince: Int?
    package var queue: Queue?
    /// Ready steps that go before it, if it is ready.
    package var ahead = 0
    /// Those that cover it.
    package var holds: [Hold] = []
    /// As ``HealthFacts/advanceAge``.
    package var schedulerSilence: Double?

    package init(stepID: Int, kind: String, agentType: String, state: StepState, attempt: Int) {
        self.stepID = stepID
        self.kind = kind
        self.agentType = agentType
        self.state = state
        self.attempt = attempt
    }

    /// The first thing that keeps it: what has to be mended before anything else would matter.
    package var explanation: WaitExplanation {
        switch state {
        case .succeeded, .failed, .cancelled, .dead: ended
        case .running: running
        case .ready where !isCancelled && schedulerStands != nil, .parked where !isCancelled && schedulerStands != nil:
            schedulerStands ?? turn
        case .parked where waitReason != .paused:
            (waitReason ?? .backoff).explanation(since: since, until: notBefore, error: error, throttles: throttles)
        case .ready, .dispatched, .parked: obstacle ?? (state == .dispatched ? ticket : turn)
        }
    }

    /// Without a scheduler neither a pause that ends nor a time that comes would start it.
    private var schedulerStands: WaitExplanation? { .schedulerStands(silence: schedulerSilence) }

    private var ended: WaitExplanation {
        let what = "it has ended: \(state.rawValue)" + (error.map { ": \($0)" } ?? "")
        return WaitExplanation(
            "ended", what, since: since,
            start: state == .dead
                ? "mixmyai dlq list shows its dead letter, mixmyai dlq replay tries it again"
                : "nothing; the task goes on from there")
    }

    private var running: WaitExplanation {
        guard let holder else {
            return WaitExplanation("running", "a worker runs it", since: since, start: "its answer")
        }
        let age = Int(holder.heartbeatAge)
        if let limitWait, age <= 10 {
            return WaitExplanation(
                limitWait.reason, "\(holder.name) holds it, but its call waits: \(limitWait.what)",
                since: limitWaitSince ?? since, start: limitWait.start)
        }
        return WaitExplanation(
            "running",
            age > 10
                ? "\(holder.name) runs it, and has not been heard of for \(age) s"
                : "\(holder.name) runs it, attempt \(attempt)", since: since,
            start: age > 10
                ? "the sweep, which gives it to another worker" : "its answer, or the end of its call's time")
    }

    /// What keeps every step like this one from going out.
    private var obstacle: WaitExplanation? {
        if isCancelled {
            return WaitExplanation(
                "cancelled", "its task was cancelled", since: since, start: "nothing; it is closed soon")
        }
        if let pause = holds.explanation(owner: "its") { return pause }
        guard let queue else {
            return WaitExplanation(
                "unknown_type", "the fleet does not know its agent type \(agentType)", since: since,
                start: "an entry in the agent catalogue, and schedulers and workers started with it")
        }
        if queue.isRetired {
            return WaitExplanation(
                "retired_type", "its agent type \(agentType) has left the catalogue", since: since,
                start: "the type back in the catalogue; else it fails within a minute and the workflow goes another way"
            )
        }
        if queue.workers == 0 {
            return WaitExplanation(
                "no_worker", "no live worker serves \(agentType)", since: since,
                start: "a worker for the type: mixmyai worker scale N, or MIXMYAI_AGENT_TYPES of one that runs")
        }
        return nil
    }

    private var ticket: WaitExplanation {
        let (workers, slots) = (queue?.workers ?? 0, queue?.slots ?? 0)
        return WaitExplanation(
            "ticket",
            "its ticket is at the broker, for \(workers) worker\(workers == 1 ? "" : "s") with \(slots) places"
                + limitNote,
            since: since, start: "a free place; a lost ticket is issued again by the sweep")
    }

    private var turn: WaitExplanation {
        guard ahead > 0, let queue else {
            return WaitExplanation("dispatch", "it is the next to go out", since: since, start: "the next dispatch")
        }
        return WaitExplanation(
            "fair_share",
            "\(ahead) step\(ahead == 1 ? " goes" : "s go") before it, by priority and fair share; "
                + "\(queue.dispatched) of \(queue.window) tickets of \(agentType) are out" + limitNote,
            since: since,
            start: queue.limited.map { "its place in line; more workers do not help: \($0.wait.start)" }
                ?? "its place in line; more workers move the line faster: mixmyai worker scale N")
    }

    /// What keeps those that are in the places.
    private var limitNote: String {
        guard let limited = queue?.limited else { return "" }
        let steps = limited.steps
        return "; \(steps) running step\(steps == 1 ? "" : "s") of \(agentType) wait\(steps == 1 ? "s" : ""): "
            + limited.wait.what
    }
}
