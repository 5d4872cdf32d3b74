/// Subtasks: execution, review, revision, and the release of what depends on them.
extension WorkflowRun {
    mutating func advanceSubtasks() {
        for index in subtasks.indices {
            guard let step = outcome(subtasks[index].currentStepID) else { continue }
            subtasks[index].currentStepID = nil
            switch step.kind {
            case .subtaskExecution: executed(index, step)
            case .solutionReview: reviewed(index, step)
            default: break
            }
        }
        releaseSubtasks()
        settleStage()
    }

    /// Starts every subtask whose dependencies are all accepted (I4), fails those that can never start.
    ///
    /// Fails first and repeatedly: a failure runs down the whole chain in one advance.
    mutating func releaseSubtasks() {
        var changed = true
        while changed {
            changed = false
            for index in subtasks.indices where subtasks[index].status == .pending {
                let needed = subtasks[index].dependencies
                guard let lost = subtasks.first(where: { needed.contains($0.key) && $0.status == .failed }) else {
                    continue
                }
                giveUp(index, "it depends on '\(lost.title)', which failed")
                changed = true
            }
        }
        let accepted = Set(subtasks.filter(\.isAccepted).map(\.key))
        for index in subtasks.indices where subtasks[index].status == .pending {
            guard subtasks[index].dependencies.allSatisfy(accepted.contains) else { continue }
            execute(index)
        }
    }

    /// Asks the subtask's specialist for a solution, or for a better one.
    private mutating func execute(_ index: Int, after reviewStepID: Int? = nil, prefersComplexModels: Bool = false) {
        var subtask = subtasks[index]
        let dependencies = subtasks.filter { subtask.dependencies.contains($0.key) }.compactMap(\.bestSolutionStepID)
        let analysisStepID = task.analysisStepID
        subtask.reviewStepID = reviewStepID
        subtask.currentStepID = create(.subtaskExecution, agentType: subtask.specialist, subtask: subtask) { input in
            input.solutionStepIDs = dependencies
            input.analysisStepID = analysisStepID
            input.prefersComplexModels = subtask.isComplex || prefersComplexModels
            if subtask.version > 0 {
                input.subjectStepID = subtask.latestSolutionStepID
                input.subjectVersion = subtask.version
                input.reviewStepID = reviewStepID
            }
        }
        subtask.status = subtask.version == 0 ? .assigned : .needsRevision
        subtasks[index] = subtask
        note(
            "subtask_assignment", "subtask_assigned", by: subtask.specialist,
            "\(subtask.version == 0 ? "Assigned" : "Sent back for revision"): \(subtask.title)",
            ["subtask_id": .string(subtask.id), "version": .integer(subtask.version + 1)])
        announce(subtask)
    }

    private mutating func executed(_ index: Int, _ step: StepRecord) {
        var subtask = subtasks[index]
        guard step.state == .succeeded else {
            unsolved(index, step.error ?? step.state.rawValue)
            return
        }
        subtask.version += 1
        subtask.latestSolutionStepID = step.id
        subtask.status = .inProgress
        let version = subtask.version
        subtask.currentStepID = create(.solutionReview, agentType: managerType, subtask: subtask) { input in
            input.subjectStepID = step.id
            input.subjectVersion = version
        }
        subtasks[index] = subtask
        note(
            "solution_submission", "subtask_completed", by: subtask.specialist,
            "Handed in version \(version): \(subtask.title)", ["subtask_id": .string(subtask.id)])
        announce(subtask)
    }

    /// The specialist could not solve it: another one once, then the best version so far, then failure.
    private mutating func unsolved(_ index: Int, _ reason: String) {
        subtasks[index].triedSpecialists.append(subtasks[index].specialist)
        result.events.append(
            FleetEvent(
                "error_occurred",
                [
                    ("error", .string("\(subtasks[index].title): \(reason)")), ("severity", "warning"),
                    ("retry_scheduled", .bool(subtasks[index].triedSpecialists.count == 1)),
                ]))
        if subtasks[index].triedSpecialists.count == 1, let other = substitute(for: subtasks[index]) {
            subtasks[index].specialist = other
            execute(index, after: subtasks[index].reviewStepID, prefersComplexModels: true)
        } else if subtasks[index].bestSolutionStepID != nil {
            accept(index, partialBecause: "its revision failed: \(reason)")
        } else {
            giveUp(index, reason)
        }
    }

    private mutating func reviewed(_ index: Int, _ step: StepRecord) {
        guard let solution = subtasks[index].latestSolutionStepID else { return }
        guard step.state == .succeeded, let answer = step.output, let score = Self.score(answer) else {
            if subtasks[index].bestSolutionStepID == nil { subtasks[index].bestSolutionStepID = solution }
            accept(index, partialBecause: "it could not be reviewed: \(step.error ?? "unusable review")")
            return
        }
        if score.weighted >= (subtasks[index].bestScore ?? -1) {
            subtasks[index].bestScore = score.weighted
            subtasks[index].bestSolutionStepID = solution
        }
        let verdict = score.verdict
        subtasks[index].acceptance = verdict
        let feedback = answer["feedback"]?.string ?? ""
        note(
            "solution_review", "solution_reviewed", by: managerType,
            "\(verdict.rawValue) with \(score.weighted): \(subtasks[index].title)",
            [
                "subtask_id": .string(subtasks[index].id), "score": .double(score.weighted),
                "version": .integer(subtasks[index].version),
            ])
        record(solution, verdict, score, feedback, isPartial: false)
        if verdict == .accepted {
            accept(index, partialBecause: nil)
            return
        }
        guard subtasks[index].cycle < limits.revisionCycles else {
            accept(index, partialBecause: "it stayed below the bar (\(subtasks[index].bestScore ?? 0) of 10)")
            return
        }
        subtasks[index].cycle += 1
        if verdict == .rejected {
            subtasks[index].triedSpecialists.append(subtasks[index].specialist)
            if let other = substitute(for: subtasks[index]) { subtasks[index].specialist = other }
        }
        execute(index, after: step.id, prefersComplexModels: verdict == .rejected)
    }

    private mutating func record(
        _ stepID: Int, _ verdict: ReviewVerdict, _ score: ReviewScore?, _ feedback: String, isPartial: Bool
    ) {
        result.verdicts.append(
            SolutionVerdict(
                stepID: stepID, verdict: verdict, score: score?.weighted, feedback: feedback, isPartial: isPartial))
    }

    private mutating func accept(_ index: Int, partialBecause reason: String?) {
        subtasks[index].status = .completed
        subtasks[index].acceptance = .accepted
        subtasks[index].reviewStepID = nil
        if let reason, let best = subtasks[index].bestSolutionStepID {
            subtasks[index].isPartial = true
            subtasks[index].failure = reason
            record(best, .accepted, nil, "Accepted as the best version so far: \(reason).", isPartial: true)
        }
        announce(subtasks[index])
    }

    private mutating func giveUp(_ index: Int, _ reason: String) {
        subtasks[index].status = .failed
        subtasks[index].failure = reason
        announce(subtasks[index])
    }

    /// Another selected specialist that has not tried yet, the generalist last.
    private func substitute(for subtask: SubtaskRecord) -> String? {
        let others = task.selection.map(\.type) + [catalogue.generalist?.type].compactMap { $0 }
        return others.first { $0 != subtask.specialist && !subtask.triedSpecialists.contains($0) }
    }

    private mutating func announce(_ subtask: SubtaskRecord) {
        result.events.append(
            FleetEvent(
                "subtask_update",
                [
                    ("subtask_id", .string(subtask.id)), ("title", .string(subtask.title)),
                    ("status", .string(subtask.status.rawValue)),
                ]))
    }

    /// The task's state follows from its subtasks; only the specification's transitions are used.
    private mutating func settleStage() {
        let isExecuting = subtasks.contains { subtask in
            switch subtask.status {
            case .pending, .assigned, .needsRevision: true
            case .inProgress, .completed, .failed: false
            }
        }
        if isExecuting {
            if task.state == .managerReview { move(to: .revisionRequired) }
            if task.state == .revisionRequired { move(to: .specialistExecution) }
            return
        }
        if task.state == .specialistExecution { move(to: .managerReview) }
        guard subtasks.allSatisfy(\.status.isTerminal) else { return }
        coordinate()
    }

    static func score(_ answer: JSONValue) -> ReviewScore? {
        guard let scores = answer["scores"], let completeness = scores["completeness"]?.double,
            let accuracy = scores["accuracy"]?.double, let relevance = scores["relevance"]?.double,
            let quality = scores["quality"]?.double
        else { return nil }
        return ReviewScore(
            completeness: completeness, accuracy: accuracy, relevance: relevance, quality: quality)
    }
}
