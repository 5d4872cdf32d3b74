import ArgumentParser

/// How many steps a task of the benchmark takes, and which wait for which.
enum PlanShape: String, ExpressibleByArgument, CaseIterable {
    /// One subtask: eight steps, each the only child of the one before.
    case chain
    /// Six subtasks in three levels: eighteen steps.
    case graph

    /// For each subtask the ones that it depends on, by number.
    var dependencies: [[Int]] {
        switch self {
        case .chain: [[]]
        case .graph: [[], [], [], [1, 2], [3], [4, 5]]
        }
    }
}
