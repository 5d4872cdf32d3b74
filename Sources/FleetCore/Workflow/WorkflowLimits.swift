/// Bounds of the workflow.
package struct WorkflowLimits: Sendable {
    /// Revisions of a subtask, and of the final answer, before the best version so far has to do.
    package var revisionCycles = 2
    /// Plans that may be sent back before the template plan is used.
    package var planRepairs = 1
    /// Nodes that a plan may have.
    package var maximumSubtasks = 12
    /// Subtasks that the longest chain of dependencies may have.
    package var maximumDepth = 6

    /// The bounds that schedulers use.
    package init() {}
}
