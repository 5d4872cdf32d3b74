import FleetCore
import FleetTesting
import JSON

/// A task with a plan that a test makes up, whose steps it answers by name.
struct PlannedTask {
    private(set) var harness: WorkflowHarness
    private var answers = SeededGenerator(seed: 1)

    /// Subtasks by key, with the keys that they depend on, all given to the first specialist that is selected. Both of
    /// the task's requirements are everybody's.
    init(_ plan: KeyValuePairs<String, [String]>, load: [String: Int] = [:]) {
        self.init()
        harness.load = load
        answer(.taskAnalysis)
        answer(.specialistSelection)
        answer(.taskDecomposition, Self.plan(plan, by: harness.snapshot.task.selection[0].type))
    }

    /// A task that waits for its analysis.
    init(catalogue: AgentCatalogue = TestCatalogue.agents) {
        harness = WorkflowHarness(catalogue: catalogue)
        goOn()
    }

    static func plan(_ plan: KeyValuePairs<String, [String]>, by specialist: String) -> JSONValue {
        [
            "subtasks": .array(
                plan.map { key, dependencies in
                    [
                        "subtask_id": .string(key), "title": .string("Part \(key)"), "description": "Do it.",
                        "deliverable": "A text.", "covers": ["R1", "R2"], "priority": "medium",
                        "complexity": "simple", "assigned_specialist": .string(specialist),
                        "dependencies": .strings(dependencies),
                    ]
                })
        ]
    }

    var task: TaskRecord { harness.snapshot.task }
    var status: TaskStatus {
        TaskStatus(task.state, isRevision: task.revision != nil, isPartial: !task.limitations.isEmpty)
    }
    /// What is worked on now, oldest first.
    var open: [StepKind] { harness.openSteps.map(\.kind) }
    /// The answer that its owner has now.
    var final: FinalAnswer? { harness.finals.last }

    func subtask(_ key: String) -> SubtaskRecord {
        harness.snapshot.subtasks.first { $0.key == key } ?? SubtaskRecord(id: "", key: key, title: "", specialist: "")
    }

    /// Every step of a kind so far, of a subtask if one is named.
    func steps(_ kind: StepKind, of key: String? = nil) -> [NewStep] {
        harness.created.filter { $0.kind == kind && (key == nil || $0.subtaskID == subtask(key ?? "").id) }
    }

    /// The subtasks that are being executed now.
    var executing: Set<String> {
        let open = Set(harness.openSteps.filter { $0.kind == .subtaskExecution }.compactMap(\.subtaskID))
        return Set(harness.snapshot.subtasks.filter { open.contains($0.id) }.map(\.key))
    }

    // MARK: What happens

    mutating func request(_ request: TaskRequest) {
        harness.request(request)
        goOn()
    }

    mutating func use(_ catalogue: AgentCatalogue) { harness.use(catalogue) }

    /// The task's own step, or a subtask's, succeeds: with an answer that finds no fault, unless one is given.
    mutating func answer(_ kind: StepKind, of key: String? = nil, _ output: JSONValue? = nil) {
        let usual = ScriptedAnswers().answer(kind, using: &answers)
        settle(kind, key, .succeeded, output ?? usual)
    }

    mutating func fail(_ kind: StepKind, of key: String? = nil) { settle(kind, key, .failed, nil) }

    mutating func solve(_ keys: String...) {
        for key in keys { answer(.subtaskExecution, of: key) }
    }

    /// The review of a subtask gives the same score for everything.
    mutating func review(_ key: String, _ score: Double) {
        review(key, completeness: score, accuracy: score, relevance: score, quality: score)
    }

    mutating func review(_ key: String, completeness: Double, accuracy: Double, relevance: Double, quality: Double) {
        answer(
            .solutionReview, of: key,
            [
                "feedback": "Read it.",
                "scores": [
                    "completeness": .double(completeness), "accuracy": .double(accuracy),
                    "relevance": .double(relevance), "quality": .double(quality),
                ],
            ])
    }

    /// Each is solved and accepted.
    mutating func accept(_ keys: String...) {
        for key in keys {
            solve(key)
            review(key, 8)
        }
    }

    /// Whatever is still asked is answered well.
    mutating func finish() {
        while let step = harness.openSteps.first {
            harness.settle(step.id, .succeeded, output: ScriptedAnswers().answer(step.kind, using: &answers))
            goOn()
        }
    }

    private mutating func settle(_ kind: StepKind, _ key: String?, _ state: StepState, _ output: JSONValue?) {
        let step = harness.openSteps.first { $0.kind == kind && (key == nil || $0.subtaskID == subtask(key ?? "").id) }
        // A step that is not open answers for nothing: the test's expectations say what is missing.
        guard let step else { return }
        harness.settle(step.id, state, output: output)
        goOn()
    }

    private mutating func goOn() {
        while harness.advance() {}
    }
}
