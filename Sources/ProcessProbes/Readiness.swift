/// Whether a process should be given work now.
public struct Readiness: Sendable, Equatable {
    /// What is asked, and why it is not ready; nil: it is.
    public struct Check: Sendable, Equatable {
        /// One word; shown.
        public var name: String
        /// Nil: all is well.
        public var problem: String?

        /// - Parameter problem: safe to show to anybody.
        public init(_ name: String, problem: String? = nil) {
            self.name = name
            self.problem = problem
        }
    }

    /// It finishes what it has and takes nothing new.
    public var isDraining: Bool
    /// What was asked, in the order in which it is shown.
    public var checks: [Check]

    /// Ready unless something speaks against it.
    public init(isDraining: Bool = false, checks: [Check] = []) {
        self.isDraining = isDraining
        self.checks = checks
    }

    /// Not draining, and no check has a problem.
    public var isReady: Bool { !isDraining && checks.allSatisfy { $0.problem == nil } }

    /// One line per check, and one for the whole.
    var report: String {
        var lines = checks.map { "\($0.problem == nil ? "+" : "-")\($0.name)\($0.problem.map { ": \($0)" } ?? "")" }
        if isDraining { lines.append("-draining") }
        lines.append(isReady ? "ready" : "not ready")
        return lines.joined(separator: "\n") + "\n"
    }
}
