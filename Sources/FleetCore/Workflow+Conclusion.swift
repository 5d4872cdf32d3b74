/// Coordination, synthesis, final review, and what to do when one of them fails.
extension WorkflowRun {
    /// Why parts are missing or weak, by subtask key.
    private var missing: [String: String] {
        Dictionary(
            subtasks.compactMap { subtask in
                subtask.failure.map { (subtask.key, "\(subtask.title): \($0)") }
            }, uniquingKeysWith: { first, _ in first })
    }

    private var acceptedSolutions: [Int] { subtasks.filter(\.isAccepted).compactMap(\.bestSolutionStepID) }

    mutating func coordinate() {
        let (solutions, missing) = (acceptedSolutions, missing)
        task.limitations = missing.keys.sorted().compactMap { missing[$0] }
        guard !solutions.isEmpty else {
            fail("None of the subtasks could be solved.")
            return
        }
        move(to: .coordination)
        ask(.coordination) { input in
            input.solutionStepIDs = solutions
            input.missing = missing
        }
    }

    mutating func coordinated() {
        guard let step = outcome(task.currentStepID) else { return }
        if step.state == .succeeded {
            task.coordinationStepID = step.id
            note(
                "coordination", "coordination_completed", by: catalogue.type(for: .coordinator),
                "Aggregated the accepted solutions.")
        } else {
            task.coordinationStepID = nil
            task.limitations.append(
                "The solutions were not aggregated before synthesis: \(step.error ?? step.state.rawValue).")
        }
        synthesise(feedbackFrom: nil)
    }

    /// Asks for the final answer: from the aggregation, or from the solutions themselves if there is none.
    mutating func synthesise(feedbackFrom reviewStepID: Int?) {
        if task.state != .synthesis { move(to: .synthesis) }
        let (solutions, missing, current) = (acceptedSolutions, missing, task)
        ask(.synthesis) { input in
            input.coordinationStepID = current.coordinationStepID
            if current.coordinationStepID == nil { input.solutionStepIDs = solutions }
            input.missing = missing
            if current.answerVersion > 0 {
                input.synthesisStepID = current.synthesisStepID
                input.subjectVersion = current.answerVersion
                input.reviewStepID = reviewStepID
            }
        }
    }

    mutating func synthesised() {
        guard let step = outcome(task.currentStepID) else { return }
        guard step.state == .succeeded else {
            let reason = "No final answer could be written: \(step.error ?? step.state.rawValue)."
            if let earlier = task.synthesisStepID {
                complete(.step(earlier), limitation: "The last revision of the answer failed. \(reason)")
            } else {
                complete(.solutions(acceptedSolutions), limitation: reason)
            }
            return
        }
        task.synthesisStepID = step.id
        task.answerVersion += 1
        note(
            "synthesis", "synthesis_completed", by: catalogue.type(for: .analyst),
            "Wrote version \(task.answerVersion) of the final answer.")
        move(to: .managerFinalReview)
        let version = task.answerVersion
        ask(.finalReview) { input in
            input.synthesisStepID = step.id
            input.subjectVersion = version
        }
    }

    mutating func finallyReviewed() {
        guard let step = outcome(task.currentStepID), let synthesis = task.synthesisStepID else { return }
        guard step.state == .succeeded, let answer = step.output else {
            complete(
                .step(synthesis),
                limitation: "The final answer was not reviewed: \(step.error ?? step.state.rawValue).")
            return
        }
        let isApproved = answer["approved"]?.bool ?? false
        note(
            "final_review", isApproved ? "final_answer_approved" : "final_answer_sent_back", by: managerType,
            answer["feedback"]?.string ?? "")
        if isApproved {
            complete(.step(synthesis), limitation: nil)
        } else if task.finalRevisions < limits.revisionCycles {
            task.finalRevisions += 1
            synthesise(feedbackFrom: step.id)
        } else {
            let open = answer.strings("revision_requests").joined(separator: "; ")
            complete(.step(synthesis), limitation: "The final review still asks for: \(open).")
        }
    }

    private mutating func complete(_ source: FinalAnswer.Source, limitation: String?) {
        if let limitation { task.limitations.append(limitation) }
        task.currentStepID = nil
        // The specification completes a task from its final review only; the review of an answer that could not be
        // written is that there is none to improve.
        if task.state == .synthesis { move(to: .managerFinalReview) }
        move(to: .completed)
        result.final = FinalAnswer(
            source: source, agentType: catalogue.type(for: .analyst), version: max(task.answerVersion, 1),
            limitations: task.limitations, isPartial: !task.limitations.isEmpty)
        closeRevision(status: "completed")
    }

    mutating func closeRevision(status: String) {
        guard let revision = task.revision else { return }
        result.revision = RevisionChange(id: revision.id, status: status, scope: revision.scope, isFinished: true)
        task.revision = nil
    }
}
