/// The scheduler's side of the rows.
package protocol WorkflowStore: Sendable {
    /// Takes up to `limit` tasks that something happened to, and as many new ones as their first queue has room for, the
    /// most urgent ones and of those whose turn it is; locks their rows, lets `decide` look at each and writes what it
    /// says, all in one transaction, in which the steps that may go out now are dispatched as well, as
    /// ``dispatch(limitPerQueue:)`` would. Returns what was done: tickets to publish, events to announce. A task that
    /// cannot be advanced is set aside.
    func advance(
        limit: Int, dispatchLimit: Int,
        _ decide: @escaping @Sendable (TaskSnapshot, @escaping @Sendable () -> Int) -> Advance?
    ) async throws -> AdvanceReport

    /// Marks the next ready steps dispatched, by priority, fair share and age, within each queue's window.
    func dispatch(limitPerQueue: Int) async throws -> [Ticket]

    /// Undoes a dispatch whose tickets the broker did not take.
    func undoDispatch(stepIDs: [Int]) async throws

    /// Makes parked steps ready whose time has come, or dispatched if it is a reserved slot that has come; says when
    /// the next one's time comes.
    func releaseParked(limit: Int) async throws -> ParkedReport

    /// Finds lost work and gives it back: see ``SweepReport``. Only one scheduler sweeps at a time; others get nil.
    func sweep(_ policy: SweepPolicy) async throws -> SweepReport?

    /// Steps that wait or run, per agent type and state, as a recent sweep has counted them; new tasks count as ready steps
    /// of the type that they begin with.
    func load() async throws -> [QueueLoad]

    /// Writes the agent types of the catalogue, with what an attempt of theirs may cost, into `agents` and the queue
    /// settings, keeping what operators set.
    func register(_ agents: [AgentSpec], bounds: AttemptBounds) async throws

    /// Records a ticket that came back through the dead-letter exchange.
    func recordDeadTicket(_ body: [UInt8], queue: String, reason: String) async throws
}

/// How many steps of an agent type are in a state.
package struct QueueLoad: Sendable, Equatable {
    /// Type whose queue the steps are for.
    package var agentType: String
    /// An open state: ready, dispatched, running or parked.
    package var state: StepState
    /// Counted in the rows, not at the broker; types and states without any are left out.
    package var steps: Int

    /// A row of the count.
    package init(agentType: String, state: StepState, steps: Int) {
        self.agentType = agentType
        self.state = state
        self.steps = steps
    }
}

/// What an advance did.
package struct AdvanceReport: Sendable {
    /// Wake-ups taken; as many as the limit: there is more.
    package var wakeUps = 0
    /// New tasks taken up; all of one priority.
    package var admitted = 0
    /// Tasks that somebody else was at: their wake-ups are still there.
    package var postponed = 0
    /// Tasks whose rows were changed.
    package var advanced = 0
    /// Steps created; those that found no room in their queue's window stay ready.
    package var newSteps = 0
    /// Of what was dispatched along.
    package var tickets: [Ticket] = []
    /// Events written, ready to announce: task id and JSON text.
    package var events: [(taskID: String, json: String)] = []
    /// Tasks that ended, by status.
    package var finished: [TaskStatus] = []
    /// Tasks that could not be advanced although the database works: their rows cannot be read, or what was to be
    /// written is refused. They hold up nobody else; the sweep wakes them again.
    package var setAside: [(taskID: String, problem: String)] = []

    /// Nothing was done: there was no wake-up, and no new task or no room for one.
    package init() {}

    /// There was nothing to look at.
    package var isEmpty: Bool { wakeUps == 0 && admitted == 0 }

    /// Adds what another advance did.
    package mutating func merge(_ other: AdvanceReport) {
        wakeUps += other.wakeUps
        admitted += other.admitted
        postponed += other.postponed
        advanced += other.advanced
        newSteps += other.newSteps
        tickets += other.tickets
        events += other.events
        finished += other.finished
        setAside += other.setAside
    }
}

/// What releasing parked steps did.
package struct ParkedReport: Sendable {
    /// Steps made ready.
    package var released: Int
    /// Steps whose reserved slot has come: dispatched, to be published.
    package var tickets: [Ticket]
    /// How long until the next parked step is due; nil if none is parked.
    package var nextDue: Duration?

    package init(released: Int, tickets: [Ticket], nextDue: Duration?) {
        self.released = released
        self.tickets = tickets
        self.nextDue = nextDue
    }
}

/// When work counts as lost.
package struct SweepPolicy: Sendable {
    /// A worker without heartbeat for this long has lost its leases even if no ticket came back.
    package var lease: Duration
    /// A ticket that is neither claimed nor in its queue after this long is issued again.
    package var ticketGrace: Duration
    /// Messages in each queue as the broker says; nil for a type: unknown, its tickets are left alone.
    package var queueDepths: [String: Int]
    /// Workers a step may take down before it is dead.
    package var maximumCrashes: Int
    /// The default, which claims go by as well: the takeover that reaches it is left to the sweep.
    package static let maximumCrashes = 3

    /// Without arguments, no queue's depth is known and no ticket counts as lost.
    package init(
        lease: Duration = .seconds(30), ticketGrace: Duration = .seconds(2), queueDepths: [String: Int] = [:],
        maximumCrashes: Int = maximumCrashes
    ) {
        self.lease = lease
        self.ticketGrace = ticketGrace
        self.queueDepths = queueDepths
        self.maximumCrashes = maximumCrashes
    }
}

/// What a sweep found.
package struct SweepReport: Sendable, Equatable {
    /// Steps whose worker was lost, made ready again.
    package var takenOver = 0
    /// Steps that took down too many workers.
    package var quarantined = 0
    /// Dispatched steps whose ticket was lost, made ready again.
    package var reissued = 0
    /// Tasks that waited for nothing: their wake-up was lost.
    package var wokenUp = 0
    /// Steps whose agent type has left the catalogue, failed.
    package var withoutType = 0

    /// Nothing was lost.
    package init() {}

    /// Nothing was lost; otherwise the scheduler looks at once what it can do.
    package var isEmpty: Bool { self == SweepReport() }
}

/// The worker's side of the rows.
package protocol StepStore: Sendable {
    /// Announces a worker and returns the id of this incarnation.
    func register(name: String, agentTypes: [String], slots: Int) async throws -> Int

    /// Renews every lease of the worker; says which of its steps were cancelled, the limits in force, and which circuits an
    /// operator wants closed.
    func heartbeat(worker: Int, _ report: WorkerReport) async throws -> Heartbeat

    /// Takes leases on the steps of tickets; one result per request, in order.
    func claim(_ requests: [ClaimRequest], worker: Int, deadAfter: Duration) async throws -> [ClaimResult]

    /// Gives back what a claim whose answer was lost may have taken: steps that the worker holds in the rows but does
    /// not run. Never called while a claim of the same worker is under way.
    ///
    /// - Parameter claimedBefore: the database's time in microseconds since 1970 at some moment before the call: what was
    ///   claimed later stays, should the call be carried out late.
    func giveBack(_ stepIDs: [Int], worker: Int, claimedBefore: Int) async throws

    /// Writes outcomes and ledger rows in one transaction; one result per settlement, in order.
    func settle(_ settlements: [Settlement], worker: Int) async throws -> [SettlementResult]

    /// Ends the incarnation: whatever it still holds can be taken over at once.
    func retire(worker: Int) async throws
}

/// What a worker says of itself with a heartbeat.
package struct WorkerReport: Sendable {
    /// Steps in hand.
    package var running: Int
    /// It takes no more work.
    package var isDraining: Bool
    /// Circuits that are not closed; nil: as said last.
    package var circuits: [CircuitReport]?
    /// The last reset that it has heard of.
    package var lastReset: Int

    /// By default all is as it was.
    package init(running: Int, isDraining: Bool = false, circuits: [CircuitReport]? = nil, lastReset: Int = 0) {
        self.running = running
        self.isDraining = isDraining
        self.circuits = circuits
        self.lastReset = lastReset
    }
}

/// What a heartbeat brought back.
package struct Heartbeat: Sendable {
    /// The rows know this incarnation; if not, the database has lost its data and the worker has to start over.
    package var isKnown: Bool
    /// The database's time in microseconds since 1970.
    package var databaseTime: Int
    /// Attempts of this worker whose task was cancelled.
    package var cancelledSteps: [Int]
    /// Operators' limits by provider and class; class `*` is for all others.
    package var limits: [LimitSetting]
    /// Since the last one that the worker has heard of, in order.
    package var resets: [CircuitReset]

    package init(
        isKnown: Bool = true, databaseTime: Int = 0, cancelledSteps: [Int], limits: [LimitSetting],
        resets: [CircuitReset] = []
    ) {
        self.resets = resets
        self.isKnown = isKnown
        self.databaseTime = databaseTime
        self.cancelledSteps = cancelledSteps
        self.limits = limits
    }
}

/// A row of `provider_limits`.
package struct LimitSetting: Sendable, Equatable {
    /// As in the model catalogue: `openai`, `anthropic`.
    package var provider: String
    /// The models' ``ModelSpec/limitClass``, or `*` for all classes of the provider without a row.
    package var limitClass: String
    /// Replace the specification's as a whole: what is nil here is unlimited.
    package var limits: RateLimits

    package init(provider: String, limitClass: String, limits: RateLimits) {
        self.provider = provider
        self.limitClass = limitClass
        self.limits = limits
    }
}

/// The broker as the scheduler sees it.
package protocol TicketPublisher: Sendable {
    /// Publishes with confirms; returns the step ids whose tickets the broker did not take.
    func publish(_ tickets: [Ticket]) async -> [Int]

    /// Messages in each agent type's queue; queues that were lost are declared again.
    func queueDepths() async throws -> [String: Int]

    /// Announces task events to whoever listens; may be lost.
    func announce(_ events: [(taskID: String, json: String)]) async
}

/// A ticket as a worker received it.
package struct ReceivedTicket: Sendable {
    /// Names the delivery for acknowledgement.
    package var delivery: DeliveryID
    /// It came from here: `agent.<type>`, or `agent.<type>.dead` at the scheduler.
    package var queue: String
    /// As published; nobody has checked yet that it is a ticket.
    package var body: [UInt8]
    /// It was delivered before and not acknowledged: its first consumer may have died.
    package var isRedelivered: Bool
    /// As ``Priority/brokerPriority`` has it: larger is sooner.
    package var brokerPriority: UInt8

    package init(
        delivery: DeliveryID, queue: String, body: [UInt8], isRedelivered: Bool, brokerPriority: UInt8 = 0
    ) {
        self.delivery = delivery
        self.queue = queue
        self.body = body
        self.isRedelivered = isRedelivered
        self.brokerPriority = brokerPriority
    }
}

/// A delivery of the broker: valid for one connection only, ignored after a reconnect.
package struct DeliveryID: Sendable, Hashable {
    /// Counts connections and channels: one of an earlier generation is void, and the broker delivers again.
    package var generation: Int
    /// The broker's number of the delivery within its generation.
    package var tag: UInt64

    /// Made by the ticket source alone; others hand it back unread.
    package init(generation: Int, tag: UInt64) {
        self.generation = generation
        self.tag = tag
    }
}

/// How many tickets a worker wants.
package enum TicketDemand: Sendable, Hashable {
    /// None: its places and its cushion are taken.
    case none
    /// So many more of each queue, until it is asked again: a few of its places are free.
    case few(Int)
    /// As many as it has places for, even if all are of one queue.
    case all
}

/// The broker as a worker sees it.
package protocol TicketSource: Sendable {
    /// Tickets in batches as they arrive; ends at shutdown.
    var tickets: AsyncStream<[ReceivedTicket]> { get }
    /// Starts or stops deliveries, or begins them anew; what was delivered stays acknowledgeable. May fail in part while the broker is
    /// away: asking for the same again does what is missing.
    func setConsuming(_ demand: TicketDemand) async
    func acknowledge(_ deliveries: [DeliveryID])
    /// Gives tickets back to their queues.
    func requeue(_ deliveries: [DeliveryID])
    /// Refuses tickets for good: they go to the dead letters.
    func reject(_ deliveries: [DeliveryID])
}

/// Wakes the scheduler; may be lost.
package protocol WakeUpSender: Sendable {
    func wakeScheduler()
}
