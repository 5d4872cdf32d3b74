import JSON

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
            execute(index, Assignment(reviewStepID: subtasks[index].reviewStepID))
        }
    }

    /// Why a subtask is given to its specialist.
    private struct Assignment {
        /// The review whose feedback is to be met.
        var reviewStepID: Int?
        /// Another specialist's solution that this one replaces: its own line of versions begins.
        var rejectedStepID: Int?
        var prefersComplexModels = false
        /// The version before was too long to be reviewed.
        var wantsShorter = false
    }

    /// Asks the subtask's specialist for a solution, or for a better one.
    private mutating func execute(_ index: Int, _ assignment: Assignment = Assignment()) {
        replaceAbsentSpecialist(index)
        var subtask = subtasks[index]
        if assignment.rejectedStepID != nil {
            subtask.version = 0
            subtask.reviewStepIDs = []
        }
        subtask.reviewStepID = assignment.reviewStepID
        let sources = dependencies(of: subtask)
        subtask.currentStepID = create(.subtaskExecution, agentType: subtask.specialist, subtask: subtask) { input in
            input.dependencyStepIDs = sources.direct
            input.indirectStepIDs = sources.indirect
            input.prefersComplexModels = subtask.isComplex || assignment.prefersComplexModels
            input.reviewStepIDs = subtask.reviewStepIDs
            input.reviewStepID = assignment.reviewStepID
            input.rejectedStepID = assignment.rejectedStepID
            input.wantsShorter = assignment.wantsShorter
            if subtask.version > 0 {
                input.subjectStepID = subtask.latestSolutionStepID
                input.subjectVersion = subtask.version
            }
        }
        subtask.status = subtask.version == 0 ? .assigned : .needsRevision
        subtasks[index] = subtask
        note(
            "subtask_assignment", "subtask_assigned", by: subtask.specialist,
            "\(subtask.version == 0 ? "Assigned" : "Sent back for revision"): \(subtask.title)",
            ["subtask_id": .string(subtask.id), "version": .integer(subtask.version + 1)])
        emitSubtaskUpdate(subtask)
    }

    /// The accepted solutions that a subtask builds on, and those that these build on, each once and in plan order.
    private func dependencies(of subtask: SubtaskRecord) -> (direct: [Int], indirect: [Int]) {
        let direct = Set(subtask.dependencies)
        var all = direct
        var front = direct
        while !front.isEmpty {
            let next = subtasks.filter { front.contains($0.key) }.flatMap(\.dependencies)
            front = Set(next).subtracting(all)
            all.formUnion(front)
        }
        let indirect = all.subtracting(direct).subtracting([subtask.key])
        func solutions(_ keys: Set<String>) -> [Int] {
            subtasks.filter { keys.contains($0.key) }.compactMap(\.bestSolutionStepID)
        }
        return (solutions(direct), solutions(indirect))
    }

    private mutating func executed(_ index: Int, _ step: StepRecord) {
        var subtask = subtasks[index]
        guard step.state == .succeeded else {
            unsolved(index, step.error ?? step.state.rawValue, isPurged: step.state == .cancelled)
            return
        }
        subtask.version += 1
        subtask.latestSolutionStepID = step.id
        subtask.status = .inProgress
        let (version, sources) = (subtask.version, dependencies(of: subtask))
        subtask.currentStepID = create(.solutionReview, agentType: managerType, subtask: subtask) { input in
            input.subjectStepID = step.id
            input.subjectVersion = version
            input.dependencyStepIDs = sources.direct
            input.indirectStepIDs = sources.indirect
            // What was asked of this version, not of another specialist's.
            input.reviewStepID = version > 1 ? subtask.reviewStepID : nil
        }
        subtasks[index] = subtask
        note(
            "solution_submission", "subtask_completed", by: subtask.specialist,
            "Handed in version \(version): \(subtask.title)", ["subtask_id": .string(subtask.id)])
        emitSubtaskUpdate(subtask, preview: step.preview)
    }

    /// The specialist could not solve it: another one once, then the best version so far, then failure. What an operator
    /// has purged is not given to anybody else.
    private mutating func unsolved(_ index: Int, _ reason: String, isPurged: Bool) {
        subtasks[index].triedSpecialists.append(subtasks[index].specialist)
        result.events.append(
            TaskEvent(
                "error_occurred",
                [
                    ("error", .string("\(subtasks[index].title): \(reason)")), ("severity", "warning"),
                    ("retry_scheduled", .bool(!isPurged && subtasks[index].triedSpecialists.count == 1)),
                ]))
        if !isPurged, subtasks[index].triedSpecialists.count == 1, let other = substitute(for: subtasks[index]) {
            subtasks[index].specialist = other
            execute(
                index,
                Assignment(
                    reviewStepID: subtasks[index].reviewStepID,
                    rejectedStepID: subtasks[index].version > 0 ? subtasks[index].latestSolutionStepID : nil,
                    prefersComplexModels: true))
        } else if subtasks[index].bestSolutionStepID != nil {
            accept(index, partialBecause: "its revision failed: \(reason)")
        } else {
            giveUp(index, reason)
        }
    }

    private mutating func reviewed(_ index: Int, _ step: StepRecord) {
        guard let solution = subtasks[index].latestSolutionStepID else { return }
        if step.failed(as: .promptTooLarge), step.error?.contains("<solution>") == true, !subtasks[index].isShortened {
            subtasks[index].isShortened = true
            execute(index, Assignment(reviewStepID: subtasks[index].reviewStepID, wantsShorter: true))
            return
        }
        let served = (task.analysis?.requirements ?? []).served(
            by: subtasks[index].covers, key: subtasks[index].key)
        guard step.state == .succeeded, let answer = step.output,
            let judgement = ReviewJudgement(answer, requirements: served)
        else {
            // Without a reviewed version of this run the new one counts: it is what was asked for.
            if subtasks[index].bestScore == nil {
                subtasks[index].bestSolutionStepID = solution
                subtasks[index].bestReviewStepID = nil
            }
            accept(index, partialBecause: "it could not be reviewed: \(step.error ?? "unusable review")")
            return
        }
        let weighted = judgement.score.weighted
        if weighted >= (subtasks[index].bestScore ?? -1) {
            subtasks[index].bestScore = weighted
            subtasks[index].bestSolutionStepID = solution
            subtasks[index].bestReviewStepID = step.id
        }
        subtasks[index].reviewStepIDs.append(step.id)
        subtasks[index].acceptance = judgement.verdict
        note(
            "solution_review", "solution_reviewed", by: managerType,
            "\(judgement.verdict.rawValue) with \(weighted): \(subtasks[index].title)",
            [
                "subtask_id": .string(subtasks[index].id), "score": .double(weighted),
                "version": .integer(subtasks[index].version), "raw_score": .double(judgement.raw.weighted),
                "adjusted_by": .strings(judgement.adjustedBy),
                "recommendation": .string(judgement.verdict.recommendation),
            ])
        record(solution, judgement, answer["feedback"]?.string ?? "")
        if judgement.verdict == .accepted {
            accept(index, partialBecause: nil)
            return
        }
        guard subtasks[index].cycle < limits.revisionCycles else {
            accept(index, partialBecause: belowTheBar(subtasks[index], judgement, isBest: weighted))
            return
        }
        subtasks[index].cycle += 1
        var assignment = Assignment(reviewStepID: step.id)
        if judgement.verdict == .rejected {
            assignment.prefersComplexModels = true
            subtasks[index].triedSpecialists.append(subtasks[index].specialist)
            if let other = substitute(for: subtasks[index]) {
                subtasks[index].specialist = other
                assignment.rejectedStepID = solution
            }
        }
        execute(index, assignment)
    }

    private func belowTheBar(_ subtask: SubtaskRecord, _ judgement: ReviewJudgement, isBest weighted: Double) -> String
    {
        let score = "it stayed below the bar (\(subtask.bestScore ?? 0) of 10)"
        // The last review speaks of the best version only if that is the last one.
        guard subtask.bestScore == weighted, !judgement.unmet.isEmpty else { return score }
        let open = (task.analysis?.requirements ?? []).filter { judgement.unmet.contains($0.id) }.map(\.named)
        return "\(score); not met: \(open.joined(separator: ", "))"
    }

    private mutating func record(_ stepID: Int, _ judgement: ReviewJudgement, _ feedback: String) {
        result.verdicts.append(
            SolutionVerdict(
                stepID: stepID, verdict: judgement.verdict, score: judgement.score.weighted, feedback: feedback,
                isPartial: false, adjustedBy: judgement.adjustedBy))
    }

    private mutating func accept(_ index: Int, partialBecause reason: String?) {
        subtasks[index].status = .completed
        subtasks[index].acceptance = .accepted
        subtasks[index].reviewStepID = nil
        if let reason, let best = subtasks[index].bestSolutionStepID {
            subtasks[index].isPartial = true
            subtasks[index].failure = reason
            result.verdicts.append(
                SolutionVerdict(
                    stepID: best, verdict: .accepted, score: nil,
                    feedback: "Accepted as the best version so far: \(reason).", isPartial: true))
        }
        emitSubtaskUpdate(subtasks[index])
    }

    private mutating func giveUp(_ index: Int, _ reason: String) {
        subtasks[index].status = .failed
        subtasks[index].failure = reason
        emitSubtaskUpdate(subtasks[index])
    }

    /// Another selected specialist that has not tried yet, the generalist last. Types that have left the catalogue since
    /// are nobody.
    private func substitute(for subtask: SubtaskRecord) -> String? {
        let others = task.selection.map(\.type).filter { catalogue[$0] != nil } + [catalogue.generalist?.type]
        return others.compactMap(\.self).first {
            $0 != subtask.specialist && !subtask.triedSpecialists.contains($0)
        }
    }

    /// A step for a type that has left the catalogue would wait for ever: nobody consumes its queue.
    private mutating func replaceAbsentSpecialist(_ index: Int) {
        guard catalogue[subtasks[index].specialist] == nil,
            let other = substitute(for: subtasks[index]) ?? catalogue.generalist?.type
        else { return }
        subtasks[index].specialist = other
    }

    private mutating func emitSubtaskUpdate(_ subtask: SubtaskRecord, preview: String? = nil) {
        result.events.append(
            TaskEvent(
                "subtask_update",
                [
                    ("subtask_id", .string(subtask.id)), ("title", .string(subtask.title)),
                    ("status", .string(subtask.status.rawValue)),
                    ("result_preview", preview.map { .string($0) } ?? .null),
                ]))
    }

    /// The task's state follows from its subtasks; only the specification's transitions are used.
    private mutating func settleStage() {
        let isExecuting = subtasks.contains { subtask in
            switch subtask.status {
            case .pending, .assigned, .needsRevision: true
            case .inProgress: !isUnderReview(subtask)
            case .completed, .failed, .cancelled: false
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

    /// What it waits for is a review of its solution, not the solution itself.
    private func isUnderReview(_ subtask: SubtaskRecord) -> Bool {
        guard let id = subtask.currentStepID else { return false }
        let kind = before.steps[id]?.kind ?? result.newSteps.first { $0.id == id }?.kind
        return kind == .solutionReview
    }
}
