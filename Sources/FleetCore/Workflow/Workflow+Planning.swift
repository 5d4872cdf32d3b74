import JSON

/// From submission to a compiled plan.
extension WorkflowRun {
    mutating func start() {
        move(to: .taskAnalysis)
        ask(.taskAnalysis)
    }

    mutating func analysed() {
        guard let step = outcome(task.currentStepID) else { return }
        guard step.state == .succeeded, let answer = step.output else {
            fail("The task could not be analysed: \(step.error ?? step.state.rawValue).")
            return
        }
        let analysis = TaskAnalysis(answer)
        task.analysis = analysis
        task.analysisStepID = step.id
        note(
            "task_analysis", "task_analysis", by: managerType,
            "Analysed the task: \(analysis.complexity.rawValue), domain \(analysis.domain).", analysis.json)
        move(to: .specialistSelection)
        let load = context.load.filter { $0.value > 0 }
        let tried = Set(subtasks.flatMap(\.triedSpecialists)).sorted()
        ask(.specialistSelection) { input in
            input.load = load
            input.tried = tried
        }
    }

    mutating func selected() {
        guard let step = outcome(task.currentStepID) else { return }
        // Without a proposal the scores decide alone: no reason to fail a task.
        let proposal = step.state == .succeeded ? step.output : nil
        let analysis = task.analysis ?? TaskAnalysis(.null)
        task.selection = workflow.selector.select(analysis: analysis, proposal: proposal, load: context.load)
        note(
            "specialist_selection", "specialist_selection", by: managerType,
            "Selected: \(task.selection.map(\.type).joined(separator: ", ")).",
            ["specialists": .array(task.selection.map(\.json))])
        move(to: .taskDecomposition)
        task.lastPlanNumber += 1
        task.planNumber = task.lastPlanNumber
        task.planRepairs = 0
        askForPlan(errors: [])
    }

    mutating func decomposed() {
        guard let step = outcome(task.currentStepID) else { return }
        let types = task.selection.map(\.type)
        let plan: Plan
        do {
            guard step.state == .succeeded, let answer = step.output else {
                throw PlanRejected(problems: [])
            }
            plan = try workflow.compiler.compile(
                answer, specialists: types, requirements: task.analysis?.requirements ?? [])
        } catch {
            // More than a few do not help the manager.
            let problems = ((error as? PlanRejected)?.problems ?? []).prefix(20)
            if !problems.isEmpty && task.planRepairs < limits.planRepairs {
                task.planRepairs += 1
                note(
                    "subtask_creation", "plan_rejected", by: managerType,
                    "The plan was sent back: \(problems.map(\.description).joined(separator: "; ")).")
                askForPlan(errors: problems.map(\.description), rejected: step.id)
                return
            }
            plan = workflow.compiler.template(
                title: task.title, description: task.description, specialists: task.selection)
            note("subtask_creation", "template_plan", by: nil, "No usable plan: every specialist takes the whole task.")
        }
        adopt(plan)
    }

    private mutating func askForPlan(errors: [String], rejected: Int? = nil) {
        let selection = task.selection
        ask(.taskDecomposition) { input in
            input.specialists = selection
            input.planErrors = errors
            input.rejectedPlanStepID = rejected
        }
    }

    private mutating func adopt(_ plan: Plan) {
        let suffix = task.id.hasPrefix("task_") ? String(task.id.dropFirst(5)) : task.id
        subtasks = plan.nodes.enumerated().map { index, node in
            SubtaskRecord(
                id: "sub_\(suffix.prefix(32))_\(task.planNumber)_\(index + 1)", key: node.key, title: node.title,
                specialist: node.specialist, dependencies: node.dependencies, covers: node.covers,
                priority: node.priority, isComplex: node.isComplex)
        }
        task.currentStepID = nil
        for index in task.analysis?.requirements.indices ?? 0..<0 {
            guard let id = task.analysis?.requirements[index].id else { continue }
            task.analysis?.requirements[index].uncoveredBecause = plan.uncovered[id]?.cut(to: 500)
        }
        note(
            "subtask_creation", "task_decomposition", by: managerType,
            "Created \(plan.nodes.count) subtasks.",
            [
                "subtasks": .array(plan.nodes.map { ["key": .string($0.key), "specialist": .string($0.specialist)] }),
                // Follows from the dependencies: nobody is asked for it.
                "execution_phases": .array(
                    plan.phases.enumerated().map {
                        ["phase": .integer($0.offset + 1), "subtasks": .strings($0.element)]
                    }),
            ])
        move(to: .specialistExecution)
        releaseSubtasks()
        result.newSubtasks = zip(subtasks, plan.nodes).enumerated().map { index, pair in
            NewSubtask(record: pair.0, node: pair.1, ordinal: index)
        }
        subtasks = []
    }
}
