/// Where a revision starts again; raw values are those of the revision_scoping schema.
package enum RevisionScope: String, Sendable, CaseIterable {
    case fullTask = "full_task"
    case specificSubtasks = "specific_subtasks"
    case finalAnswer = "final_answer"
}
