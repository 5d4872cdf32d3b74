import FleetCore

/// The rows of the simulated database: the columns that decide something, in plain values.
struct SimulatedRows {
    struct Task {
        var record: TaskRecord
        var context: String?
        var status: TaskStatus
        var eventSequence: Int
        var fairTag: Int
        var cancelEpoch = 0
        var activeRevisionID: String?
        var isRetryRequested = false
        var updatedAt: Int
        /// Of its user and batch.
        var flow: String
        var stage = TaskStage.initialization
        var checkpoint: Checkpoint?
    }

    /// What a finished task goes back to if what its owner asked for afterwards is cancelled.
    struct Checkpoint {
        var record: TaskRecord
        var status: TaskStatus
        var stage: TaskStage
        var subtasks: [Subtask]
    }

    struct Subtask {
        var record: SubtaskRecord
        var isStarted = false
        var taskID: String
        var planNumber: Int
        var description: String
        var deliverable: String
    }

    struct Step {
        var id: Int
        var taskID: String
        var subtaskID: String?
        var kind: StepKind
        var agentType: String
        var state: StepState
        var priority: Int
        var fairTag: Int
        var cancelEpoch: Int
        var attempt = 0
        var failures = 0
        var throttles = 0
        var crashes = 0
        var reissues = 0
        var workerID: Int?
        var waitReason: StepOutcome.WaitReason?
        var error: String?
        var notBefore: Int?
        var dispatchedAt: Int?
        var startedAt: Int?
        /// Nil: nothing was said of the attempt. A note without a wait: it may have called.
        var waitNote: LimitWaitNote?
        var input: StepInput

        /// No call of the running attempt was sent.
        var isUncalled: Bool { waitNote?.wait != nil }
    }

    struct Solution {
        var taskID: String
        var subtaskID: String?
        var content: String
        var version: Int
        var agentType: String
        /// The answer without its content; nil for an aggregation or an answer.
        var metadata: SolutionMetadata?
    }

    struct Revision {
        var id: String
        var taskID: String
        var request: String
        var areas: [String]
        var status = "pending"
        var scope: RevisionScope?
        var priority: Priority
        var fairTag: Int
        var isFinished = false

        var active: ActiveRevision {
            ActiveRevision(id: id, request: request, areas: areas, scope: scope, priority: priority)
        }
    }

    struct Worker {
        enum State { case active, draining, retired, lost }

        var agentTypes: [String]
        var slots: Int
        var state = State.active
        var heartbeatAt: Int
        /// When a silence of some seconds ended; kept for a planted bug.
        var wasLateAt: Int?

        var isServing: Bool { state == .active || state == .draining }
    }

    struct Queue {
        var isPaused = false
        var window = 64
    }

    struct CallKey: Hashable {
        var stepID: Int
        var attempt: Int
        var number: Int

        /// The key of the row that stands for an attempt that was lost.
        var ofAttempt: CallKey { CallKey(stepID: stepID, attempt: attempt, number: 0) }
    }

    struct LedgerRow {
        /// In the order of writing.
        var number: Int
        var taskID: String
        var kind: StepKind
        var provider: String
        var model: String
        var account: CallAccount
        var outcome: String
        var purpose: CallRecord.Purpose
        var writtenAt: Int
        var duration: Duration
    }

    struct Flow: Hashable {
        var priority: Int
        var name: String
    }

    var tasks: [String: Task] = [:]
    var subtasks: [String: Subtask] = [:]
    /// Subtask ids of a task in the order of their plans.
    var subtaskIDs: [String: [String]] = [:]
    var steps: [Int: Step] = [:]
    /// Ids of the steps that are not terminal, in order.
    var openSteps: Set<Int> = []
    var stepIDs: [String: [Int]] = [:]
    var solutions: [Int: Solution] = [:]
    var results: [Int: StepOutcome.Answer] = [:]
    var revisions: [Revision] = []
    var finals: [String: Int] = [:]
    var wakeUps: [String] = []
    var events: [String: [Int]] = [:]
    var ledger: [CallKey: LedgerRow] = [:]
    var bounds = AttemptBounds()
    var deadLetters: [(stepID: Int?, reason: String)] = []
    var workers: [Int: Worker] = [:]
    var queues: [String: Queue] = [:]
    /// Types that new tasks begin with.
    var firstTypes: [String] = []
    var fairClocks = [0, 0, 0, 0]
    var fairTags: [Flow: Int] = [:]
    var limits: [LimitSetting] = []
    var nextWorkerID = 0

    var firstType: String? { firstTypes.min() }

    /// Tasks that nobody has taken up, in the order of their turns.
    var newTasks: [Task] {
        tasks.values.filter { $0.record.state == .pending }.sorted {
            ($0.record.priority.rank, $0.fairTag, $0.record.id) < ($1.record.priority.rank, $1.fairTag, $1.record.id)
        }
    }

    /// Open steps in a state, in order of their ids.
    func steps(in state: StepState) -> [Step] {
        openSteps.compactMap { steps[$0] }.filter { $0.state == state }.sorted { $0.id < $1.id }
    }

    mutating func update(_ id: Int, _ change: (inout Step) -> Void) {
        guard var step = steps[id] else { return }
        change(&step)
        steps[id] = step
        if step.state.isTerminal { openSteps.remove(id) } else { openSteps.insert(id) }
    }

    /// A cancellation since the step was made.
    func isCancelled(_ step: Step) -> Bool {
        (tasks[step.taskID]?.cancelEpoch ?? 0) > step.cancelEpoch
    }

    /// Another place in a flow: after its last one, or after the clock if it has fallen behind.
    mutating func nextTag(of flow: Flow) -> Int {
        let clock = fairClocks[flow.priority]
        let tag = max(clock, fairTags[flow] ?? clock) + 1
        fairTags[flow] = tag
        return tag
    }

    /// The subtasks of the task's current plan, in order.
    func currentSubtasks(of task: Task) -> [Subtask] {
        (subtaskIDs[task.record.id] ?? []).compactMap { subtasks[$0] }.filter {
            $0.planNumber == task.record.planNumber
        }
    }

    /// Attempts of the last minute of which nobody knows whether and whom they called.
    func unknownCalls(_ now: Int) -> [CallKey] {
        let lost = ledger.filter { $0.value.outcome == "lost" && $0.value.writtenAt > now - 61_000_000 }.keys
        let orphans = steps(in: .running).filter { step in
            step.workerID.flatMap { workers[$0] }.map { $0.heartbeatAt < now - 500_000 } ?? false
        }
        return Set(
            lost.map { CallKey(stepID: $0.stepID, attempt: $0.attempt, number: 0) }
                + orphans.map { CallKey(stepID: $0.id, attempt: $0.attempt, number: 0) }
        ).sorted { ($0.stepID, $0.attempt) < ($1.stepID, $1.attempt) }
    }

    /// What a task is to its owner, and what its next revision would begin with: state, plan, answer and subtasks.
    func line(of taskID: String) -> String {
        guard let task = tasks[taskID] else { return "-" }
        let record = task.record
        let steps = [record.analysisStepID, record.coordinationStepID, record.synthesisStepID].map { $0 ?? 0 }
        let parts = currentSubtasks(of: task).map { subtask in
            "\(subtask.record.id) \(subtask.record.status) \(subtask.record.version) \(subtask.record.specialist)"
                + " \(subtask.record.bestSolutionStepID ?? 0)"
        }
        return "\(task.status) \(task.stage) \(record.progress) \(record.planNumber) \(record.answerVersion) \(steps)"
            + " \(record.limitations) \(finals[taskID] ?? 0) \(parts)"
    }
}
