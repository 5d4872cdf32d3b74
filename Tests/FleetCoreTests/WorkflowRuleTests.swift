import FleetCore
import FleetTesting
import JSON
import Testing

/// The rules of a task's workflow, one example each, in the words and the order of `docs/how-it-works.md`.
@Suite struct WorkflowRuleTests {
    // MARK: Specialists

    @Test func fromTwoToFiveSpecialistsAreTaken() {
        var task = PlannedTask()
        task.answer(.taskAnalysis)
        task.answer(.specialistSelection)
        #expect((2...5).contains(task.task.selection.count))
        #expect(task.open == [.taskDecomposition])
    }

    @Test func withoutTheManagersProposalTheScoresDecide() {
        var task = PlannedTask()
        task.answer(.taskAnalysis)
        task.fail(.specialistSelection)
        // The analysis asks for forecasting.
        #expect(task.task.selection.map(\.type).prefix(2).sorted() == ["data_scientist", "financial_analyst"])
        #expect(task.open == [.taskDecomposition])
    }

    // MARK: The plan

    /// A plan that gives work to nobody.
    private static let bad = PlannedTask.plan(["s1": []], by: "nobody")

    @Test func aRejectedPlanGoesBackOnceWithItsErrors() throws {
        var task = PlannedTask()
        task.answer(.taskAnalysis)
        task.answer(.specialistSelection)
        task.answer(.taskDecomposition, Self.bad)
        let (first, second) = (task.steps(.taskDecomposition)[0], try #require(task.steps(.taskDecomposition).last))
        #expect(second.input.rejectedPlanStepID == first.id)
        #expect(second.input.planErrors.joined().contains("nobody"))
        #expect(task.executing == [])
    }

    @Test func afterASecondRejectedPlanEverySpecialistTakesTheWholeTask() {
        var task = PlannedTask()
        task.answer(.taskAnalysis)
        task.answer(.specialistSelection)
        task.answer(.taskDecomposition, Self.bad)
        task.answer(.taskDecomposition, Self.bad)
        #expect(task.harness.snapshot.subtasks.map(\.specialist) == task.task.selection.map(\.type))
        #expect(task.executing.count == task.task.selection.count)
    }

    @Test func withoutAnyPlanEverySpecialistTakesTheWholeTask() {
        var task = PlannedTask()
        task.answer(.taskAnalysis)
        task.answer(.specialistSelection)
        task.fail(.taskDecomposition)
        #expect(task.steps(.taskDecomposition).count == 1)
        #expect(task.harness.snapshot.subtasks.map(\.specialist) == task.task.selection.map(\.type))
    }

    // MARK: Subtasks

    @Test func independentSubtasksRunInParallel() {
        let task = PlannedTask(["s1": [], "s2": [], "s3": []])
        #expect(task.executing == ["s1", "s2", "s3"])
    }

    @Test func aSubtaskStartsWhenEverySubtaskItDependsOnIsAccepted() {
        var task = PlannedTask(["s1": [], "s2": [], "s3": ["s1", "s2"]])
        task.accept("s1")
        task.solve("s2")
        #expect(task.executing == [])
        task.review("s2", 8)
        #expect(task.executing == ["s3"])
        #expect(task.steps(.subtaskExecution, of: "s3").count == 1)
    }

    @Test func aSubtaskIsShownTheSolutionsThatItBuildsOn() throws {
        var task = PlannedTask(["s1": [], "s2": ["s1"], "s3": ["s2"]])
        task.accept("s1", "s2")
        let step = try #require(task.steps(.subtaskExecution, of: "s3").last)
        #expect(step.input.dependencyStepIDs == [task.subtask("s2").bestSolutionStepID])
        #expect(step.input.indirectStepIDs == [task.subtask("s1").bestSolutionStepID])
    }

    // MARK: Reviews

    @Test func aSolutionIsAcceptedFromSevenOn() {
        var task = PlannedTask(["s1": []])
        task.solve("s1")
        task.review("s1", 7.0)
        #expect(task.subtask("s1").isAccepted && !task.subtask("s1").isPartial)
        #expect(task.open == [.coordination])
    }

    @Test(arguments: [5.0, 6.999]) func aSolutionFromFiveOnGoesBackWithTheReview(score: Double) throws {
        var task = PlannedTask(["s1": []])
        task.solve("s1")
        task.review("s1", score)
        let (first, again) = (task.steps(.subtaskExecution)[0], try #require(task.steps(.subtaskExecution).last))
        #expect(again.agentType == first.agentType && again.input.subjectStepID == first.id)
        #expect(again.input.reviewStepID == task.steps(.solutionReview)[0].id)
    }

    @Test(arguments: [0, 4.999]) func aRejectedSolutionGoesToAnotherSpecialist(score: Double) throws {
        var task = PlannedTask(["s1": []])
        task.solve("s1")
        task.review("s1", score)
        let (first, other) = (task.steps(.subtaskExecution)[0], try #require(task.steps(.subtaskExecution).last))
        #expect(other.agentType == task.task.selection[1].type && other.agentType != first.agentType)
        #expect(other.input.rejectedStepID == first.id && other.input.subjectStepID == nil)
        #expect(other.input.prefersComplexModels)
    }

    /// 0.30 of 10 and 0.30 of 8 are 5.4, and 0.20 of 8 makes it 7.0.
    @Test func theSubScoresAreWeightedInCode() {
        var task = PlannedTask(["s1": [], "s2": []])
        task.solve("s1", "s2")
        task.review("s1", completeness: 10, accuracy: 8, relevance: 0, quality: 8)
        task.review("s2", completeness: 0, accuracy: 8, relevance: 10, quality: 8)
        #expect(task.subtask("s1").bestScore == 7.0 && task.subtask("s1").isAccepted)
        #expect(task.subtask("s2").bestScore == 6.0 && !task.subtask("s2").isAccepted)
    }

    @Test func afterTwoCyclesTheBestVersionIsAcceptedAsPartial() {
        var task = PlannedTask(["s1": []])
        for score in [5.5, 6.5, 6.0] {
            task.solve("s1")
            task.review("s1", score)
        }
        #expect(task.steps(.subtaskExecution).count == 3)
        #expect(task.subtask("s1").isAccepted && task.subtask("s1").isPartial)
        #expect(task.subtask("s1").bestSolutionStepID == task.steps(.subtaskExecution)[1].id)
        #expect(task.open == [.coordination])
        #expect(task.task.limitations.first?.contains("6.5 of 10") == true)
    }

    @Test func aRejectionIsACycleLikeAnyOther() {
        var task = PlannedTask(["s1": []])
        for score in [3.0, 4.0, 2.0] {
            task.solve("s1")
            task.review("s1", score)
        }
        #expect(Set(task.steps(.subtaskExecution).map(\.agentType)).count == 3)
        #expect(task.subtask("s1").isPartial && task.subtask("s1").bestScore == 4.0)
    }

    @Test func aSolutionThatCannotBeReviewedIsAcceptedAsPartial() {
        var task = PlannedTask(["s1": []])
        task.solve("s1")
        task.fail(.solutionReview, of: "s1")
        #expect(task.subtask("s1").isAccepted && task.subtask("s1").isPartial)
        #expect(task.task.limitations.first?.contains("it could not be reviewed") == true)
    }

    // MARK: Partial failure

    @Test func aFailedSubtaskGetsOneOtherSpecialist() {
        var task = PlannedTask(["s1": [], "s2": []])
        task.fail(.subtaskExecution, of: "s1")
        #expect(task.steps(.subtaskExecution, of: "s1").map(\.agentType) == task.task.selection.prefix(2).map(\.type))
        task.fail(.subtaskExecution, of: "s1")
        #expect(task.subtask("s1").status == .failed)
        #expect(task.steps(.subtaskExecution, of: "s1").count == 2)
    }

    @Test func subtasksThatDependOnAFailedOneFailWithIt() {
        var task = PlannedTask(["s1": [], "s2": ["s1"], "s3": ["s2"], "s4": []])
        for _ in 0..<2 { task.fail(.subtaskExecution, of: "s1") }
        #expect(["s1", "s2", "s3"].allSatisfy { task.subtask($0).status == .failed })
        #expect(task.subtask("s3").failure == "it depends on 'Part s2', which failed")
        #expect(task.executing == ["s4"])
    }

    @Test func aFailedRevisionLeavesTheVersionBeforeAsPartial() {
        var task = PlannedTask(["s1": []])
        task.solve("s1")
        task.review("s1", 6)
        for _ in 0..<2 { task.fail(.subtaskExecution, of: "s1") }
        #expect(task.subtask("s1").isAccepted && task.subtask("s1").isPartial)
        #expect(task.subtask("s1").bestSolutionStepID == task.steps(.subtaskExecution)[0].id)
    }

    @Test func whatSucceededIsSynthesisedAndTheAnswerNamesWhatIsMissing() throws {
        var task = PlannedTask(["s1": [], "s2": []])
        for _ in 0..<2 { task.fail(.subtaskExecution, of: "s1") }
        task.accept("s2")
        task.answer(.coordination)
        let synthesis = try #require(task.steps(.synthesis).first)
        #expect(synthesis.input.solutionStepIDs == [task.subtask("s2").bestSolutionStepID])
        #expect(synthesis.input.missing["s1"] == "Part s1: it failed")
        task.finish()
        #expect(task.status == .partialCompletion)
        #expect(task.final?.isPartial == true && task.final?.limitations == ["Part s1: it failed"])
    }

    @Test func aTaskWithoutLimitationsIsCompleted() {
        var task = PlannedTask(["s1": []])
        task.finish()
        #expect(task.status == .completed)
        #expect(task.final?.isPartial == false)
        #expect(task.final?.source == .step(task.steps(.synthesis)[0].id))
    }

    @Test func aTaskFailsIfItCouldNotBeAnalysed() {
        var task = PlannedTask()
        task.fail(.taskAnalysis)
        #expect(task.status == .failed)
        #expect(task.open == [] && task.final == nil)
    }

    @Test func aTaskFailsIfNoneOfItsSubtasksWasSolved() {
        var task = PlannedTask(["s1": [], "s2": ["s1"]])
        for _ in 0..<2 { task.fail(.subtaskExecution, of: "s1") }
        #expect(task.status == .failed)
        #expect(task.open == [] && task.final == nil)
    }

    @Test func whatCannotBeAggregatedIsSynthesisedFromTheSolutions() {
        var task = PlannedTask(["s1": []])
        task.accept("s1")
        task.fail(.coordination)
        #expect(task.open == [.synthesis])
        #expect(task.steps(.synthesis)[0].input.coordinationStepID == nil)
        #expect(task.task.limitations.count == 1)
    }

    @Test func withoutASynthesisTheSolutionsAreTheAnswer() {
        var task = PlannedTask(["s1": [], "s2": []])
        task.accept("s1", "s2")
        task.answer(.coordination)
        task.fail(.synthesis)
        #expect(task.status == .partialCompletion)
        let solutions = ["s1", "s2"].compactMap { task.subtask($0).bestSolutionStepID }
        #expect(task.final?.source == .solutions(solutions))
    }

    // MARK: The final review

    private static let disapproval: JSONValue = [
        "approved": false, "feedback": "No.", "revision_requests": [["id": "Q1", "text": "Say what it costs"]],
    ]

    /// A task whose final answer waits for its review.
    private func written() -> PlannedTask {
        var task = PlannedTask(["s1": []])
        task.accept("s1")
        task.answer(.coordination)
        task.answer(.synthesis)
        return task
    }

    @Test func aFinalAnswerThatIsNotApprovedIsSentBackWithTheReview() throws {
        var task = written()
        task.answer(.finalReview, Self.disapproval)
        let (first, again) = (task.steps(.synthesis)[0], try #require(task.steps(.synthesis).last))
        #expect(again.input.synthesisStepID == first.id)
        #expect(again.input.reviewStepID == task.steps(.finalReview)[0].id)
        task.finish()
        #expect(task.status == .completed && task.final?.version == 2)
    }

    @Test func afterTwoRevisionsTheFinalAnswerHasToDoAndSaysWhatIsOpen() {
        var task = written()
        for _ in 0..<2 {
            task.answer(.finalReview, Self.disapproval)
            task.answer(.synthesis)
        }
        task.answer(.finalReview, Self.disapproval)
        #expect(task.steps(.synthesis).count == 3)
        #expect(task.status == .partialCompletion)
        #expect(task.task.limitations == ["The final review still asks for: Say what it costs."])
    }

    @Test(arguments: ["Say what it costs.", "Say what it costs", "Say what it costs!"])
    func whatIsOpenIsOneSentence(request: String) {
        var task = written()
        let disapproval: JSONValue = [
            "approved": false, "feedback": "No.", "revision_requests": [["id": "Q1", "text": .string(request)]],
        ]
        for _ in 0..<3 {
            task.answer(.finalReview, disapproval)
            task.answer(.synthesis)
        }
        let end = request.hasSuffix("!") ? "!" : "."
        #expect(task.task.limitations == ["The final review still asks for: Say what it costs\(end)"])
    }

    @Test func aFinalAnswerThatCannotBeReviewedIsTheAnswerWithALimitation() {
        var task = written()
        task.fail(.finalReview)
        #expect(task.status == .partialCompletion)
        #expect(task.final?.source == .step(task.steps(.synthesis)[0].id))
    }

    // MARK: What its owner asks for afterwards

    private func revision(_ scope: RevisionScope?) -> TaskRequest {
        .revise(ActiveRevision(id: "rev_1", request: "More.", scope: scope))
    }

    private func finished(_ plan: KeyValuePairs<String, [String]> = ["s1": [], "s2": ["s1"], "s3": []]) -> PlannedTask {
        var task = PlannedTask(plan)
        task.finish()
        return task
    }

    @Test func aRevisionOfTheFullTaskStartsWithAnotherAnalysis() {
        var task = finished()
        task.request(revision(.fullTask))
        #expect(task.open == [.taskAnalysis])
        task.answer(.taskAnalysis)
        task.answer(.specialistSelection)
        #expect(task.task.planNumber == 2)
    }

    @Test func aRevisionOfSubtasksRunsThemAndWhatDependsOnThemAgain() {
        var task = finished()
        task.request(revision(nil))
        #expect(task.open == [.revisionScoping])
        task.answer(.revisionScoping, ["scope": "specific_subtasks", "subtasks": ["s1"]])
        #expect(task.executing == ["s1"] && task.subtask("s2").status == .pending)
        task.finish()
        let runs = ["s1", "s2", "s3"].map { task.steps(.subtaskExecution, of: $0).count }
        #expect(runs == [2, 2, 1] && task.harness.finals.count == 2)
    }

    @Test func aRevisionOfTheFinalAnswerRunsNoSubtaskAgain() {
        var task = finished()
        task.request(revision(.finalAnswer))
        #expect(task.open == [.synthesis])
        task.finish()
        #expect(task.steps(.subtaskExecution).count == 3 && task.final?.version == 2)
    }

    @Test func aRevisionThatCannotBeScopedRewritesTheFinalAnswer() {
        var task = finished()
        task.request(revision(nil))
        task.fail(.revisionScoping)
        #expect(task.open == [.synthesis])
    }

    @Test func aRetryRunsOnlyWhatFailedAgain() {
        var task = PlannedTask(["s1": [], "s2": []])
        for _ in 0..<2 { task.fail(.subtaskExecution, of: "s1") }
        task.finish()
        #expect(task.status == .partialCompletion)
        task.request(.retry)
        #expect(task.executing == ["s1"])
        task.finish()
        #expect(task.status == .completed && task.steps(.subtaskExecution, of: "s2").count == 1)
    }

    @Test func aFailedTaskCanBeRetriedAndRevised() {
        for request in [.retry, revision(.fullTask)] {
            var task = PlannedTask()
            task.fail(.taskAnalysis)
            task.request(request)
            #expect(task.open == [.taskAnalysis])
            task.finish()
            #expect(task.task.state == .completed)
        }
    }

    @Test func aTaskWithNothingToMendIsNotRetried() {
        var task = finished()
        task.request(.retry)
        #expect(task.open == [] && task.harness.finals.count == 1)
    }

    // MARK: A specialist that has left the catalogue

    @Test func whatItSolvedGoesToAnotherSpecialistWhenItIsOpenedAgain() throws {
        var task = finished(["s1": []])
        let first = try #require(task.steps(.subtaskExecution).first).agentType
        task.use(
            AgentCatalogue(
                agents: TestCatalogue.agents.agents.filter { $0.type != first }, schemas: TestCatalogue.agents.schemas,
                inputs: TestCatalogue.inputs))
        task.request(revision(nil))
        task.answer(.revisionScoping, ["scope": "specific_subtasks", "subtasks": ["s1"]])
        #expect(task.steps(.subtaskExecution).last?.agentType == task.task.selection[1].type)
    }
}
