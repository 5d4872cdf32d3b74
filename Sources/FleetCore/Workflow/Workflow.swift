import JSON

/// The workflow of a task: a pure function from rows to changes.
///
/// It reads the task, its subtasks and the steps they wait for, applies every outcome it finds, and says what has to
/// be written. It does no I/O, reads no clock and draws no random numbers, so every path of it can be tested, and
/// advancing twice from the same rows gives the same changes.
package struct Workflow: Sendable {
    /// What the workflow may use besides the rows.
    package struct Context: Sendable {
        /// Steps that wait or run now, per agent type.
        package var load: [String: Int]
        /// Gives a fresh step id.
        package var nextStepID: @Sendable () -> Int

        /// Without a load all specialists count as idle.
        package init(load: [String: Int] = [:], nextStepID: @escaping @Sendable () -> Int) {
            self.load = load
            self.nextStepID = nextStepID
        }
    }

    let catalogue: AgentCatalogue
    let limits: WorkflowLimits
    let compiler: PlanCompiler
    let selector: SpecialistSelector

    /// Works out once what every advance needs; one value serves all tasks.
    package init(catalogue: AgentCatalogue, limits: WorkflowLimits = WorkflowLimits()) {
        self.catalogue = catalogue
        self.limits = limits
        compiler = PlanCompiler(limits: limits)
        selector = SpecialistSelector(catalogue: catalogue)
    }

    /// Applies what has happened; nil if there is nothing to write.
    package func advance(_ snapshot: TaskSnapshot, _ context: Context) -> TaskTransition? {
        var run = WorkflowRun(workflow: self, snapshot: snapshot, context: context)
        run.advance()
        return run.finish()
    }
}

/// One advance in the making.
struct WorkflowRun {
    let workflow: Workflow
    let before: TaskSnapshot
    let context: Workflow.Context
    var task: TaskRecord
    var subtasks: [SubtaskRecord]
    var result: TaskTransition

    init(workflow: Workflow, snapshot: TaskSnapshot, context: Workflow.Context) {
        self.workflow = workflow
        before = snapshot
        self.context = context
        task = snapshot.task
        subtasks = snapshot.subtasks
        result = TaskTransition(task: snapshot.task)
    }

    var catalogue: AgentCatalogue { workflow.catalogue }
    var limits: WorkflowLimits { workflow.limits }
    var managerType: String { catalogue.type(for: .manager) }

    /// The step pointed at, if its outcome is there.
    func outcome(_ stepID: Int?) -> StepRecord? {
        guard let stepID, let step = before.steps[stepID], step.state.isTerminal else { return nil }
        return step
    }

    mutating func advance() {
        if task.state.isTerminal {
            advanceFinished()
            return
        }
        switch task.state {
        case .pending: start()
        case .taskAnalysis: analysed()
        case .specialistSelection: selected()
        case .taskDecomposition: decomposed()
        case .specialistExecution, .managerReview, .revisionRequired: advanceSubtasks()
        case .coordination: coordinated()
        case .synthesis: synthesised()
        case .managerFinalReview: finallyReviewed()
        case .completed, .failed, .cancelled: break
        }
    }

    /// Moves the task along one of the specification's transitions and says so.
    mutating func move(to next: WorkflowState) {
        let from = task.state
        task.state = next
        result.events.append(.transition(from: from, to: next))
    }

    mutating func fail(_ reason: String) {
        task.currentStepID = nil
        task.limitations.append(reason)
        result.failure = reason
        move(to: .failed)
        result.events.append(
            TaskEvent(
                "error_occurred",
                [("error", .string(reason)), ("severity", "critical"), ("retry_scheduled", false)]))
        closeRevision(status: "failed")
    }

    /// Creates a step and points the task at it.
    mutating func ask(_ kind: StepKind, _ configure: (inout StepInput) -> Void = { _ in }) {
        task.currentStepID = create(kind, agentType: catalogue.type(for: kind.role), subtask: nil, configure)
    }

    mutating func create(
        _ kind: StepKind, agentType: String, subtask: SubtaskRecord?, _ configure: (inout StepInput) -> Void
    ) -> Int {
        var input = StepInput()
        input.preferredModel = task.preferredModel
        if let revision = task.revision {
            input.revisionRequest = revision.request
            input.revisionAreas = revision.areas
        }
        if kind != .taskAnalysis {
            input.analysisStepID = task.analysisStepID
            input.addedRequirements = task.analysis?.addedRequirements ?? []
        }
        configure(&input)
        let id = context.nextStepID()
        result.newSteps.append(
            NewStep(
                id: id, kind: kind, agentType: agentType, subtaskID: subtask?.id,
                priority: task.revision?.priority ?? task.priority, input: input))
        return id
    }

    mutating func note(
        _ type: String, _ action: String, by agentType: String?, _ description: String, _ metadata: JSONValue = [:]
    ) {
        result.events.append(
            TaskEvent(
                "agent_activity",
                [
                    ("agent_id", agentType.map { .string($0) } ?? .null),
                    ("agent_type", agentType.map { .string($0) } ?? .null),
                    ("action", .string(action)), ("description", .string(description)),
                ], interaction: Interaction(type: type, metadata: metadata)))
    }

    /// Puts together what changed; nil if nothing did.
    mutating func finish() -> TaskTransition? {
        // Within one run progress never goes backwards; a restart begins a new run.
        let isRestart = before.task.state.isTerminal && !task.state.isTerminal
        let reached = currentProgress
        task.progress = isRestart || task.state == .completed ? reached : max(task.progress, reached)
        // Of a finished task that is asked to go on it is what the next run is to use.
        if task.state.isTerminal && task.request == nil { task.preferredModel = nil }

        for subtask in subtasks {
            guard let old = before.subtasks.first(where: { $0.id == subtask.id }), old != subtask else { continue }
            result.changedSubtasks.append(subtask)
        }
        let isChanged =
            task != before.task || !result.changedSubtasks.isEmpty || !result.newSubtasks.isEmpty
            || !result.newSteps.isEmpty
        guard isChanged else { return nil }

        result.task = task
        result.status = TaskStatus(
            task.state, isRevision: task.revision != nil, isPartial: !task.limitations.isEmpty)
        if task.state.isTerminal, task.revision != nil { result.status = .revisionPending }
        let oldStatus = TaskStatus(
            before.task.state, isRevision: before.task.revision != nil, isPartial: !before.task.limitations.isEmpty)
        if result.status != oldStatus || task.progress != before.task.progress {
            result.events.append(.status(result.status, progress: task.progress))
        }
        if task.state == .completed && before.task.state != .completed {
            result.events.append(
                TaskEvent(
                    "task_completed", [("status", .string(result.status.rawValue)), ("result_available", true)]))
        }
        return result
    }

    /// 20 to 70 while subtasks are worked on: half of a subtask's share for a solution, the rest for its acceptance.
    private var currentProgress: Int {
        switch task.state {
        case .specialistExecution, .managerReview, .revisionRequired:
            let all = subtasks + result.newSubtasks.map(\.record)
            guard !all.isEmpty else { return task.state.baseProgress }
            let halves = all.reduce(0) { $0 + ($1.status.isTerminal ? 2 : ($1.version > 0 ? 1 : 0)) }
            return task.state.baseProgress + 50 * halves / (2 * all.count)
        case .failed, .cancelled: return task.progress
        default: return task.state.baseProgress
        }
    }
}
