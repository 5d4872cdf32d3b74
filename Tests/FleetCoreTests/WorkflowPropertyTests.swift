import FleetCore
import FleetTesting
import JSON
import Testing

/// Random plans, random outcomes, random order: what must hold on every path through the workflow.
@Suite struct WorkflowPropertyTests {
    private func run(seed: UInt64, failures: Double, answers: ScriptedAnswers) -> WorkflowHarness {
        var generator = SeededGenerator(seed: seed)
        var harness = WorkflowHarness()
        for _ in 0..<2000 {
            while harness.advance() {}
            guard let step = harness.openSteps.randomElement(using: &generator) else { break }
            // Some are claimed long before they end.
            if Bool.random(using: &generator) {
                harness.claim(step.id)
                continue
            }
            if Double.random(in: 0..<1, using: &generator) < failures {
                let state: StepState = Bool.random(using: &generator) ? .failed : .dead
                harness.settle(step.id, state)
            } else {
                harness.settle(
                    step.id, .succeeded, output: answers.answer(step.kind, using: &generator))
            }
        }
        return harness
    }

    @Test(arguments: [0.0, 0.05, 0.3, 0.9])
    func everyPathEndsAndKeepsTheRules(failures: Double) {
        for seed in 0..<300 as Range<UInt64> {
            var answers = ScriptedAnswers()
            answers.badPlan = 0.2
            answers.lowScore = 0.4
            answers.disapproval = 0.3
            let harness = run(seed: seed, failures: failures, answers: answers)
            #expect(harness.violations == [], "seed \(seed)")
            #expect(harness.snapshot.task.state.isTerminal, "seed \(seed)")
            #expect(harness.openSteps.isEmpty, "seed \(seed)")
            if harness.snapshot.task.state == .completed {
                #expect(harness.finals.count == 1, "seed \(seed)")
                #expect(harness.snapshot.task.progress == 100)
            }
        }
    }

    @Test func withoutFailuresEveryTaskCompletesWithoutLimitations() {
        for seed in 0..<100 as Range<UInt64> {
            let harness = run(seed: seed, failures: 0, answers: ScriptedAnswers())
            #expect(harness.snapshot.task.state == .completed)
            #expect(harness.snapshot.task.limitations == [])
            #expect(harness.finals.first?.isPartial == false)
        }
    }

    @Test func advancingTwiceFromTheSameRowsGivesTheSameChanges() {
        var generator = SeededGenerator(seed: 7)
        var harness = WorkflowHarness()
        let workflow = Workflow(catalogue: TestCatalogue.agents)
        var answers = ScriptedAnswers()
        (answers.badPlan, answers.lowScore, answers.disapproval) = (0.5, 0.5, 0.5)
        // Then once more, as a revision.
        for _ in 0..<2 {
            for _ in 0..<200 {
                repeat {
                    let first = workflow.advance(harness.snapshot, Workflow.Context(nextStepID: { 1 }))
                    let second = workflow.advance(harness.snapshot, Workflow.Context(nextStepID: { 1 }))
                    expectSame(first, second)
                } while harness.advance()
                guard let step = harness.openSteps.first else { break }
                let isLost = Int.random(in: 0..<10, using: &generator) == 0 && step.kind == .subtaskExecution
                harness.settle(
                    step.id, isLost ? .failed : .succeeded,
                    output: isLost ? nil : answers.answer(step.kind, using: &generator))
            }
            #expect(harness.snapshot.task.state == .completed)
            harness.request(.revise(ActiveRevision(id: "rev_1", request: "More.")))
        }
        #expect(harness.finals.count == 2 && !harness.verdicts.isEmpty)
    }

    /// All that is written.
    private func expectSame(_ first: TaskTransition?, _ second: TaskTransition?) {
        #expect(first?.task == second?.task)
        #expect(first?.status == second?.status)
        #expect(first?.newSubtasks.map(\.record) == second?.newSubtasks.map(\.record))
        #expect(first?.newSubtasks.map(\.node) == second?.newSubtasks.map(\.node))
        #expect(first?.newSubtasks.map(\.ordinal) == second?.newSubtasks.map(\.ordinal))
        #expect(first?.changedSubtasks == second?.changedSubtasks)
        #expect(first?.newSteps.map(\.kind) == second?.newSteps.map(\.kind))
        #expect(first?.newSteps.map(\.agentType) == second?.newSteps.map(\.agentType))
        #expect(first?.newSteps.map(\.subtaskID) == second?.newSteps.map(\.subtaskID))
        #expect(first?.newSteps.map(\.priority) == second?.newSteps.map(\.priority))
        #expect(first?.newSteps.map(\.input) == second?.newSteps.map(\.input))
        // Flat values without dictionaries: equal if they read the same.
        #expect(first?.verdicts.map { "\($0)" } == second?.verdicts.map { "\($0)" })
        #expect(first?.final.map { "\($0)" } == second?.final.map { "\($0)" })
        #expect(first?.revision == second?.revision)
        #expect(first?.events == second?.events)
        #expect(first?.failure == second?.failure)
    }

    @Test(arguments: RevisionScope.allCases)
    func aRevisionRestartsWhereItsScopeSays(scope: RevisionScope) {
        for seed in 0..<50 as Range<UInt64> {
            var harness = run(seed: seed, failures: 0, answers: ScriptedAnswers())
            harness.request(.revise(ActiveRevision(id: "rev_1", request: "More detail.", scope: scope)))
            let before = harness.states.count
            var generator = SeededGenerator(seed: seed)
            for _ in 0..<500 {
                while harness.advance() {}
                guard let step = harness.openSteps.first else { break }
                var answer = ScriptedAnswers().answer(step.kind, using: &generator)
                if step.kind == .revisionScoping {
                    answer = ["rationale": "So.", "scope": .string(scope.rawValue), "subtasks": ["s1"]]
                }
                if step.kind != .revisionScoping { #expect(step.input.revisionRequest == "More detail.") }
                harness.settle(step.id, .succeeded, output: answer)
            }
            #expect(harness.violations == [], "seed \(seed)")
            #expect(harness.snapshot.task.state == .completed)
            #expect(harness.finals.count == 2)
            let expected: WorkflowState =
                switch scope {
                case .fullTask: .taskAnalysis
                case .specificSubtasks: .specialistExecution
                case .finalAnswer: .synthesis
                }
            #expect(harness.states[before] == expected)
        }
    }

    @Test func aRetryOfAPartialTaskRunsOnlyTheFailedPartsAgain() {
        var checked = 0
        for seed in 0..<200 as Range<UInt64> {
            var harness = run(seed: seed, failures: 0.25, answers: ScriptedAnswers())
            guard harness.snapshot.task.state == .completed,
                harness.snapshot.subtasks.contains(where: { $0.status == .failed })
            else { continue }
            let untouched = harness.snapshot.subtasks.filter { $0.status == .completed && !$0.isPartial }.map(\.id)
            harness.request(.retry)
            let before = harness.created.count
            var generator = SeededGenerator(seed: seed)
            for _ in 0..<500 {
                while harness.advance() {}
                guard let step = harness.openSteps.first else { break }
                harness.settle(step.id, .succeeded, output: ScriptedAnswers().answer(step.kind, using: &generator))
            }
            #expect(harness.snapshot.task.state == .completed)
            #expect(harness.snapshot.task.limitations == [])
            let redone = Set(harness.created[before...].compactMap(\.subtaskID))
            let dependents = Set(
                harness.snapshot.subtasks.filter { !$0.dependencies.isEmpty }.map(\.id))
            #expect(redone.isDisjoint(with: Set(untouched).subtracting(dependents)))
            checked += 1
        }
        #expect(checked > 10)
    }
}
