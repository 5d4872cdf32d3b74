import JSON

/// What its owner may ask of a finished task: a revision, or another try of the failed parts.
extension WorkflowRun {
    mutating func advanceFinished() {
        if task.revision != nil {
            scoped()
            return
        }
        guard task.state != .cancelled, let request = task.request else { return }
        task.request = nil
        switch request {
        case .retry: retryFailedParts()
        case .revise(let revision):
            task.revision = revision
            if let scope = revision.scope, scope != .specificSubtasks {
                restart(scope, keys: [])
            } else {
                let (synthesis, solutions) = (task.synthesisStepID, subtasks.compactMap(\.bestSolutionStepID))
                ask(.revisionScoping) { input in
                    input.synthesisStepID = synthesis
                    input.solutionStepIDs = solutions
                }
                result.revision = RevisionChange(id: revision.id, status: "scoping", scope: nil, isFinished: false)
            }
        }
    }

    private mutating func scoped() {
        guard let step = outcome(task.currentStepID) else { return }
        task.currentStepID = nil
        // An answer that could not be scoped is rewritten: the narrowest restart that honours the request.
        let scope = step.output?["scope"]?.string.flatMap(RevisionScope.init(rawValue:)) ?? .finalAnswer
        let keys = scope == .specificSubtasks ? step.output?.strings("subtasks") ?? [] : []
        task.analysis?.add(step.output?["new_requirements"]?.array ?? [], to: keys)
        restart(scope, keys: step.output?.strings("subtasks") ?? [])
    }

    private mutating func restart(_ scope: RevisionScope, keys: [String]) {
        let affected = keys.filter { key in subtasks.contains { $0.key == key } }
        var effective = scope
        if effective == .specificSubtasks && affected.isEmpty { effective = .finalAnswer }
        if effective == .finalAnswer && acceptedCount == 0 { effective = .fullTask }
        task.revision?.scope = effective
        task.limitations = []
        task.finalRevisions = 0
        task.finalReviewStepID = nil
        if let revision = task.revision {
            result.revision = RevisionChange(
                id: revision.id, status: "in_progress", scope: effective, isFinished: false)
        }
        note(
            "revision", "revision_started", by: managerType,
            "The revision restarts at \(effective.rawValue).", ["subtasks": .strings(affected)])
        switch effective {
        case .fullTask:
            let (analysis, answer) = (task.analysisStepID, task.synthesisStepID)
            task.synthesisStepID = nil
            move(to: .taskAnalysis)
            ask(.taskAnalysis) { input in
                // Without an analysis there was nothing to go on from.
                input.previousAnalysisStepID = answer == nil ? nil : analysis
                input.previousAnswerStepID = analysis == nil ? nil : answer
            }
        case .specificSubtasks:
            move(to: .specialistExecution)
            reopen(affected)
        case .finalAnswer:
            synthesise(feedbackFrom: nil)
        }
    }

    private var acceptedCount: Int { subtasks.filter(\.isAccepted).count }

    /// Runs subtasks again, and everything that depends on them, directly or not.
    private mutating func reopen(_ keys: [String]) {
        var affected = Set(keys)
        var grew = true
        while grew {
            grew = false
            for subtask in subtasks
            where !affected.contains(subtask.key) && !affected.isDisjoint(with: subtask.dependencies) {
                affected.insert(subtask.key)
                grew = true
            }
        }
        for index in subtasks.indices where affected.contains(subtasks[index].key) {
            subtasks[index].status = .pending
            subtasks[index].acceptance = nil
            subtasks[index].failure = nil
            subtasks[index].cycle = 0
            subtasks[index].bestScore = nil
            // What was wrong with a part that stayed below the bar is where it goes on, from its best version.
            let review = subtasks[index].isPartial ? subtasks[index].bestReviewStepID : nil
            if review != nil { subtasks[index].latestSolutionStepID = subtasks[index].bestSolutionStepID }
            subtasks[index].reviewStepID = review
            subtasks[index].reviewStepIDs = [review].compactMap { $0 }
            subtasks[index].isPartial = false
            subtasks[index].isShortened = false
            subtasks[index].triedSpecialists = []
        }
        releaseSubtasks()
    }

    /// Failed and below-the-bar subtasks once more; without a plan the task starts again.
    private mutating func retryFailedParts() {
        guard task.state == .failed || !task.limitations.isEmpty else { return }
        let failed = subtasks.filter { $0.status == .failed || $0.isPartial }.map(\.key)
        let hadPlan = !subtasks.isEmpty
        task.limitations = []
        task.finalRevisions = 0
        task.finalReviewStepID = nil
        note("revision", "retry_started", by: nil, "Tries the failed parts again.", ["subtasks": .strings(failed)])
        // A revision that failed before it had a plan leaves no part of the old one to try again.
        if !hadPlan || (failed.isEmpty && before.task.state == .failed) {
            move(to: .taskAnalysis)
            ask(.taskAnalysis)
        } else if failed.isEmpty {
            synthesise(feedbackFrom: nil)
        } else {
            move(to: .specialistExecution)
            reopen(failed)
        }
    }
}
