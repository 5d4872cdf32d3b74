/// The workflow's part of a row of `tasks`.
package struct TaskRecord: Sendable, Equatable {
    /// The task's; ids of its subtasks are made from it.
    package var id: String
    /// Its owner. The workflow decides nothing by it.
    package var userID: String
    /// As its owner wrote it; the template plan repeats it.
    package var title: String
    /// For the template plan only: the store loads it while the task is decomposed, otherwise it is empty.
    package var description: String
    /// Its steps are dispatched by it, except those of a revision that has its own.
    package var priority: Priority
    /// Changed by the workflow alone, and by a cancellation.
    package var state: WorkflowState
    /// In percent; falls only when a finished task starts again.
    package var progress: Int
    /// The task-level step it waits for.
    package var currentStepID: Int?
    /// The answer of the analysis; nil until there is one.
    package var analysis: TaskAnalysis?
    /// The specialists chosen for it.
    package var selection: [SelectedSpecialist]
    /// Number of its full plan: subtasks of other plans are history.
    package var planNumber: Int
    /// The largest number that any of its plans had. Numbers are not used again, also if the revision that made a plan
    /// was cancelled and the task went back to the plan before.
    package var lastPlanNumber: Int
    /// Plans that were asked for and did not compile, in this plan number.
    package var planRepairs: Int
    /// Final answers that the manager sent back, in this run.
    package var finalRevisions: Int
    /// Step of the analysis, which the prompts of planning and execution show; nil until there is one.
    package var analysisStepID: Int?
    /// Step of the latest aggregation; nil if there is none: synthesis then reads the solutions themselves.
    package var coordinationStepID: Int?
    /// Step of the latest final answer; nil until there is one. A revision of the full task forgets it.
    package var synthesisStepID: Int?
    /// The final review that sent the latest answer back; nil if none did in this run.
    package var finalReviewStepID: Int?
    /// Counts the final answers.
    package var answerVersion: Int
    /// The user's revision that is being worked on.
    package var revision: ActiveRevision?
    /// A finished task that its owner asked to continue.
    package var request: TaskRequest?
    /// The model that the steps of this run ask first; an operator's replay says so. Over when the run is.
    package var preferredModel: String?
    /// What the result has to admit.
    package var limitations: [String]

    /// A task as it is handed in: pending, nothing planned.
    package init(id: String, userID: String, title: String, description: String, priority: Priority) {
        self.id = id
        self.userID = userID
        self.title = title
        self.description = description
        self.priority = priority
        state = .pending
        progress = 0
        selection = []
        planNumber = 0
        lastPlanNumber = 0
        planRepairs = 0
        finalRevisions = 0
        answerVersion = 0
        limitations = []
    }
}
