import JSON

/// Coordination, synthesis, final review, and what to do when one of them fails.
extension WorkflowRun {
    /// Why parts are missing, by subtask key; of requirements that no part serves, by their id.
    private var missing: [String: String] {
        let parts = subtasks.filter { !$0.isAccepted }.compactMap { subtask in
            subtask.failure.map { (subtask.key, "\(subtask.title): \($0)") }
        }
        let requirements = (task.analysis?.requirements ?? []).musts.compactMap { requirement in
            requirement.uncoveredBecause.map {
                (requirement.id, "\(requirement.named): no part of the plan serves it: \($0)")
            }
        }
        return Dictionary(parts + requirements, uniquingKeysWith: { first, _ in first })
    }

    /// Why parts stayed below the bar, by subtask key.
    private var partial: [String: StepInput.PartialPart] {
        Dictionary(
            subtasks.filter { $0.isAccepted && $0.isPartial }.compactMap { subtask in
                subtask.failure.map { reason in
                    (
                        subtask.key,
                        StepInput.PartialPart(
                            reason: "\(subtask.title): \(reason)", reviewStepID: subtask.bestReviewStepID)
                    )
                }
            }, uniquingKeysWith: { first, _ in first })
    }

    private var accepted: [SubtaskRecord] { subtasks.filter { $0.isAccepted && $0.bestSolutionStepID != nil } }
    private var acceptedSolutions: [Int] { accepted.compactMap(\.bestSolutionStepID) }

    mutating func coordinate() {
        let before = task.coordinationStepID
        task.limitations = (Array(missing) + partial.map { ($0.key, $0.value.reason) }).sorted { $0.key < $1.key }
            .map(\.value)
        guard !accepted.isEmpty else {
            fail("None of the subtasks could be solved.")
            return
        }
        move(to: .coordination)
        let (accepted, missing, partial, isRevision) = (accepted, missing, partial, task.revision != nil)
        ask(.coordination) { input in
            (input.missing, input.partial) = (missing, partial)
            input.solutionStepIDs = accepted.compactMap(\.bestSolutionStepID)
            for subtask in accepted {
                guard let solution = subtask.bestSolutionStepID, let review = subtask.bestReviewStepID else { continue }
                input.solutionReviewStepIDs[solution] = review
            }
            if isRevision { input.previousCoordinationStepID = before }
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
        let (solutions, missing, partial, current) = (acceptedSolutions, missing, partial, task)
        ask(.synthesis) { input in
            (input.missing, input.partial) = (missing, partial)
            input.coordinationStepID = current.coordinationStepID
            input.solutionStepIDs = solutions
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
        let (missing, partial, current) = (missing, partial, task)
        // The review that sent the version before back, if one of this run did.
        let feedback = current.finalRevisions > 0 ? current.finalReviewStepID : nil
        ask(.finalReview) { input in
            (input.missing, input.partial) = (missing, partial)
            input.coordinationStepID = current.coordinationStepID
            input.synthesisStepID = step.id
            input.subjectVersion = current.answerVersion
            input.reviewStepID = feedback
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
        let judgement = FinalJudgement(answer, requirements: task.analysis?.requirements ?? [])
        note(
            "final_review", judgement.isApproved ? "final_answer_approved" : "final_answer_sent_back", by: managerType,
            answer["feedback"]?.string ?? "",
            [
                "overruled": .bool(judgement.isOverruled),
                "unmet": .strings((judgement.stated + judgement.unstated).map(\.id)),
            ])
        if judgement.isApproved {
            task.limitations += judgement.stated.map { "The answer does not meet \($0.named), and says so." }
            complete(.step(synthesis), limitation: nil)
        } else if task.finalRevisions < limits.revisionCycles {
            task.finalRevisions += 1
            task.finalReviewStepID = step.id
            synthesise(feedbackFrom: step.id)
        } else {
            let open = judgement.requests.isEmpty ? judgement.unstated.map(\.named) : judgement.requests
            let said = "The final review still asks for: \(open.joined(separator: "; "))"
            complete(.step(synthesis), limitation: said.last?.isPunctuation == true ? said : said + ".")
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
