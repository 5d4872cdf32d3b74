import FleetCore
import FleetTesting
import JSON
import Testing

/// What statuses, stages and events say while a task is worked on.
@Suite struct WorkflowStatusTests {
    /// A task whose plan has been compiled: subtasks by key, all by the financial analyst, with their dependencies.
    private func planned(_ plan: [(key: String, dependencies: [String])]) -> WorkflowHarness {
        var harness = WorkflowHarness()
        var generator = SeededGenerator(seed: 1)
        while harness.advance() {}
        while let step = harness.openSteps.first, harness.snapshot.subtasks.isEmpty {
            var answer = ScriptedAnswers().answer(step.kind, using: &generator)
            if step.kind == .taskDecomposition {
                answer = ["subtasks": .array(plan.map { Self.subtask($0.key, $0.dependencies) })]
            }
            harness.settle(step.id, .succeeded, output: answer)
            while harness.advance() {}
        }
        return harness
    }

    private static func subtask(_ key: String, _ dependencies: [String]) -> JSONValue {
        [
            "subtask_id": .string(key), "title": .string("Part \(key)"), "description": "Do it.",
            "deliverable": "A text.", "covers": ["R1", "R2"], "priority": "medium", "complexity": "simple",
            "assigned_specialist": "financial_analyst", "dependencies": .strings(dependencies),
        ]
    }

    private func answer(_ kind: StepKind) -> JSONValue {
        var generator = SeededGenerator(seed: 1)
        return ScriptedAnswers().answer(kind, using: &generator)
    }

    /// Settles whatever is open until nothing is.
    private func finish(_ harness: inout WorkflowHarness) {
        while harness.advance() {}
        while let step = harness.openSteps.first {
            harness.settle(step.id, .succeeded, output: answer(step.kind))
            while harness.advance() {}
        }
    }

    @Test func aSubtaskThatIsBeingSolvedKeepsTheTaskInExecution() {
        var harness = planned([("s1", []), ("s2", [])])
        let steps = harness.openSteps
        #expect(harness.snapshot.subtasks.map(\.status) == [.assigned, .assigned])
        for step in steps { harness.claim(step.id) }
        harness.settle(steps[0].id, .succeeded)
        while harness.advance() {}
        // One is under review, the other one is being solved: both are in progress.
        #expect(harness.snapshot.subtasks.map(\.status) == [.inProgress, .inProgress])
        #expect(harness.snapshot.task.state == .specialistExecution)
        harness.settle(steps[1].id, .succeeded)
        while harness.advance() {}
        #expect(harness.snapshot.subtasks.map(\.status) == [.inProgress, .inProgress])
        #expect(harness.snapshot.task.state == .managerReview)
    }

    @Test func aRevisionThatIsBeingWorkedOnKeepsTheTaskInExecution() throws {
        var harness = planned([("s1", []), ("s2", [])])
        for step in harness.openSteps { harness.settle(step.id, .succeeded) }
        while harness.advance() {}
        let reviews = harness.openSteps
        var low = answer(.solutionReview)
        low = ["scores": ["completeness": 6, "accuracy": 6, "relevance": 6, "quality": 6], "feedback": "More."]
        harness.settle(reviews[0].id, .succeeded, output: low)
        while harness.advance() {}
        #expect(harness.snapshot.subtasks.map(\.status) == [.needsRevision, .inProgress])
        let again = try #require(harness.openSteps.first { $0.kind == .subtaskExecution })
        harness.claim(again.id)
        harness.settle(reviews[1].id, .succeeded, output: answer(.solutionReview))
        while harness.advance() {}
        #expect(harness.snapshot.subtasks.map(\.status) == [.inProgress, .completed])
        #expect(harness.snapshot.task.state == .specialistExecution)
    }

    @Test func theEventOfASolutionHandedInShowsHowItBegins() throws {
        var harness = planned([("s1", [])])
        let step = try #require(harness.openSteps.first)
        harness.settle(step.id, .succeeded, preview: "Rates have risen")
        while harness.advance() {}
        let updates = harness.events.filter { $0.type == "subtask_update" }
        #expect(updates.map { $0.fields["status"]?.string } == ["assigned", "in_progress"])
        #expect(updates.map { $0.fields["result_preview"] } == [.null, "Rates have risen"])
    }

    @Test func theFirstTransitionBeginsAtInitialization() {
        let harness = planned([("s1", [])])
        let first = harness.events.first { $0.type == "stage_transition" }
        #expect(
            first == TaskEvent("stage_transition", [("from_stage", "initialization"), ("to_stage", "task_analysis")]))
    }

    @Test func stagesAreTheSpecificationsEight() {
        #expect(
            TaskStage.allCases.map(\.rawValue) == [
                "initialization", "task_analysis", "specialist_selection", "specialist_execution", "coordination",
                "synthesis", "manager_review", "completed",
            ])
        #expect(WorkflowState.managerFinalReview.stage == .managerReview)
        #expect(WorkflowState.taskDecomposition.stage == .specialistSelection)
        #expect(WorkflowState.allCases.filter { $0.stage == nil } == [.failed, .cancelled])
    }

    @Test(arguments: [Priority.urgent, nil], [RevisionScope.specificSubtasks, .fullTask])
    func stepsOfARevisionGoByItsPriority(priority: Priority?, scope: RevisionScope) {
        var harness = planned([("s1", []), ("s2", ["s1"])])
        finish(&harness)
        #expect(Set(harness.created.map(\.priority)) == [.medium])
        let before = harness.created.count
        harness.request(.revise(ActiveRevision(id: "rev_1", request: "More.", scope: scope, priority: priority)))
        finish(&harness)
        #expect(harness.snapshot.task.state == .completed)
        #expect(harness.created.count > before)
        #expect(Set(harness.created[before...].map(\.priority)) == [priority ?? .medium])
    }

    @Test func aPlansNumberIsNotUsedAgainAfterAReturnToAnEarlierPlan() {
        var harness = planned([("s1", [])])
        finish(&harness)
        let first = harness.snapshot
        harness.request(.revise(ActiveRevision(id: "rev_1", request: "More.", scope: .fullTask)))
        finish(&harness)
        #expect(harness.snapshot.task.planNumber == 2)
        var returned = first
        returned.task.lastPlanNumber = harness.snapshot.task.lastPlanNumber
        returned.task.request = .revise(ActiveRevision(id: "rev_2", request: "More.", scope: .fullTask))
        harness.replace(returned)
        finish(&harness)
        #expect(harness.snapshot.task.planNumber == 3)
    }

    // MARK: Specialists that have left the catalogue

    private static func catalogue(without gone: Set<String>) -> AgentCatalogue {
        AgentCatalogue(
            agents: TestCatalogue.agents.agents.filter { !gone.contains($0.type) },
            schemas: TestCatalogue.agents.schemas, inputs: TestCatalogue.inputs)
    }

    @Test func aRevisionOfWhatASpecialistSolvedThatIsGoneGoesToASubstitute() throws {
        var harness = planned([("s1", [])])
        finish(&harness)
        harness.use(Self.catalogue(without: ["financial_analyst"]))
        harness.request(.revise(ActiveRevision(id: "rev_1", request: "More.", scope: .specificSubtasks)))
        while harness.advance() {}
        let scoping = try #require(harness.openSteps.first)
        harness.settle(scoping.id, .succeeded, output: ["scope": "specific_subtasks", "subtasks": ["s1"]])
        while harness.advance() {}
        let step = try #require(harness.openSteps.first)
        let others = harness.snapshot.task.selection.map(\.type).filter { $0 != "financial_analyst" }
        #expect(step.agentType == others.first)
        #expect(harness.snapshot.subtasks[0].specialist == step.agentType)
        finish(&harness)
        #expect(harness.snapshot.task.state == .completed)
    }

    @Test func ifAllSelectedSpecialistsAreGoneTheGeneralistTakesTheSubtask() throws {
        var harness = planned([("s1", [])])
        let step = try #require(harness.openSteps.first)
        harness.settle(step.id, .failed)
        while harness.advance() {}
        while let step = harness.openSteps.first {
            harness.settle(step.id, .failed)
            while harness.advance() {}
        }
        #expect(harness.snapshot.task.state == .failed)
        harness.use(Self.catalogue(without: ["financial_analyst", "data_scientist", "market_researcher"]))
        harness.request(.retry)
        while harness.advance() {}
        #expect(harness.openSteps.map(\.agentType) == ["generalist"])
        // It is asked again even if it has tried before: there is nobody else.
        harness.settle(try #require(harness.openSteps.first).id, .failed)
        while harness.advance() {}
        #expect(harness.snapshot.task.state == .failed)
    }

    @Test func aSubstituteThatIsGoneIsNotChosen() throws {
        var harness = planned([("s1", [])])
        let selected = harness.snapshot.task.selection.map(\.type)
        let next = try #require(selected.first { $0 != "financial_analyst" })
        harness.use(Self.catalogue(without: [next]))
        harness.settle(try #require(harness.openSteps.first).id, .failed)
        while harness.advance() {}
        let step = try #require(harness.openSteps.first)
        #expect(step.agentType != next)
        #expect(step.agentType != "financial_analyst")
    }
}
