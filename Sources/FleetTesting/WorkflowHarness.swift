package import FleetCore
package import JSON
import Synchronization

/// Runs one task's workflow in memory: rows, advances, and outcomes that a test decides on.
///
/// It checks at every advance what must always hold and collects violations instead of stopping at the first.
package struct WorkflowHarness: Sendable {
    /// The rows as they are after the last advance, settlement or request.
    package private(set) var snapshot: TaskSnapshot
    /// In words; empty if all is well.
    package private(set) var violations: [String] = []
    /// Every state that the task has been in, `pending` first.
    package private(set) var states: [WorkflowState]
    /// One for each time the task came to an answer, in order.
    package private(set) var finals: [FinalAnswer] = []
    /// Every step ever created.
    package private(set) var created: [NewStep] = []
    /// The task's stream.
    package private(set) var events: [TaskEvent] = []

    /// Answers of steps that succeeded, by step.
    package private(set) var answers: [Int: JSONValue] = [:]
    /// What only prompts need of the subtasks, by subtask.
    package private(set) var nodes: [String: Plan.Node] = [:]
    /// What reviews said of solutions, in order.
    package private(set) var verdicts: [SolutionVerdict] = []
    /// Revisions that have ended, oldest first.
    package private(set) var earlierRevisions: [PromptMaterial.EarlierRevision] = []
    /// Steps that wait or run per agent type, as the workflow is told.
    package var load: [String: Int] = [:]
    /// The task as its owner wrote it.
    package let title: String
    /// As its owner wrote it.
    package let description: String
    /// What its owner added.
    package let context: JSONValue?

    private var workflow: Workflow
    private let counter = Counter()

    private final class Counter: Sendable {
        private let value = Mutex(0)
        func next() -> Int {
            value.withLock {
                $0 += 1; return $0
            }
        }
    }

    /// A pending task of medium priority, without subtasks or steps.
    package init(
        catalogue: AgentCatalogue = TestCatalogue.agents, title: String = "A task",
        description: String = "What has to be done, at length.", context: JSONValue? = nil
    ) {
        workflow = Workflow(catalogue: catalogue)
        self.title = title
        self.description = description
        self.context = context
        snapshot = TaskSnapshot(
            task: TaskRecord(
                id: "task_test", userID: "user", title: title, description: description, priority: .medium))
        states = [.pending]
    }

    /// Steps whose outcome is still open, oldest first.
    package var openSteps: [NewStep] {
        created.filter { snapshot.steps[$0.id]?.state == .running }
    }

    /// From now on the fleet has other agents.
    package mutating func use(_ catalogue: AgentCatalogue) {
        workflow = Workflow(catalogue: catalogue)
    }

    /// Does what a worker's claim does: the subtask whose execution it is is being worked on.
    package mutating func claim(_ id: Int) {
        guard snapshot.steps[id]?.kind == .subtaskExecution,
            let index = snapshot.subtasks.firstIndex(where: { $0.currentStepID == id })
        else { return }
        snapshot.subtasks[index].status = .inProgress
    }

    /// Records an outcome of an open step, which was claimed before.
    package mutating func settle(
        _ id: Int, _ state: StepState, output: JSONValue? = nil, preview: String? = nil, error: String = "it failed"
    ) {
        claim(id)
        snapshot.steps[id]?.preview = preview
        snapshot.steps[id]?.state = state
        snapshot.steps[id]?.output = output
        answers[id] = output
        if state != .succeeded { snapshot.steps[id]?.error = error }
    }

    /// Goes on from other rows: what somebody else than the workflow has made of them.
    package mutating func replace(_ snapshot: TaskSnapshot) {
        self.snapshot = snapshot
    }

    /// What the owner asks for.
    package mutating func request(_ request: TaskRequest) {
        snapshot.task.request = request
    }

    /// Advances once and applies the result; false if there was nothing to do.
    @discardableResult
    package mutating func advance() -> Bool {
        let before = snapshot
        let context = Workflow.Context(load: load, nextStepID: { [counter] in counter.next() })
        guard let advance = workflow.advance(before, context) else { return false }
        apply(advance, before)
        return true
    }

    private mutating func apply(_ advance: TaskTransition, _ before: TaskSnapshot) {
        events += advance.events
        var previous = before.task.state
        for event in advance.events where event.type == "stage_transition" {
            guard let next = event.fields["to_stage"]?.string.flatMap(WorkflowState.init(rawValue:)) else { continue }
            let isAllowed = previous.canMove(to: next) || previous.canRestart(at: next)
            if !isAllowed { violations.append("\(previous) -> \(next)") }
            previous = next
            states.append(next)
        }
        if previous != advance.task.state { violations.append("state \(advance.task.state) without a transition") }
        let isRestart = before.task.state.isTerminal
        if !isRestart && advance.task.progress < before.task.progress {
            violations.append("progress fell from \(before.task.progress) to \(advance.task.progress)")
        }
        if let change = advance.revision, change.isFinished, let revision = before.task.revision {
            earlierRevisions.append(
                PromptMaterial.EarlierRevision(
                    request: revision.request, scope: change.scope?.rawValue, status: change.status))
        }
        verdicts += advance.verdicts
        for subtask in advance.newSubtasks { nodes[subtask.record.id] = subtask.node }
        snapshot.task = advance.task
        if !advance.newSubtasks.isEmpty { snapshot.subtasks = advance.newSubtasks.map(\.record) }
        for subtask in advance.changedSubtasks {
            guard let index = snapshot.subtasks.firstIndex(where: { $0.id == subtask.id }) else {
                violations.append("unknown subtask \(subtask.id)")
                continue
            }
            snapshot.subtasks[index] = subtask
        }
        for step in advance.newSteps {
            created.append(step)
            snapshot.steps[step.id] = StepRecord(id: step.id, kind: step.kind, state: .running)
            checkDependencies(of: step)
        }
        if let final = advance.final { finals.append(final) }
        checkPointers()
    }

    /// I4: no subtask starts before every subtask it depends on is accepted.
    private mutating func checkDependencies(of step: NewStep) {
        guard step.kind == .subtaskExecution, let id = step.subtaskID,
            let subtask = snapshot.subtasks.first(where: { $0.id == id })
        else { return }
        for key in subtask.dependencies {
            guard let needed = snapshot.subtasks.first(where: { $0.key == key }), needed.isAccepted else {
                violations.append("\(subtask.key) started before \(key) was accepted")
                continue
            }
        }
    }

    /// Every open step is waited for by exactly one row.
    private mutating func checkPointers() {
        let pointers = [snapshot.task.currentStepID].compactMap { $0 } + snapshot.subtasks.compactMap(\.currentStepID)
        if Set(pointers).count != pointers.count { violations.append("two rows wait for one step") }
        for (id, step) in snapshot.steps where step.state == .running && !pointers.contains(id) {
            violations.append("nobody waits for step \(id)")
        }
    }
}
