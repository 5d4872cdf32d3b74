/// Whether a process should be given work now.
package struct Readiness: Sendable, Equatable {
    /// What is asked, and why it is not ready; nil: it is.
    package struct Check: Sendable, Equatable {
        /// One word; shown.
        package var name: String
        /// Nil: nothing speaks against giving the process work.
        package var problem: String?
        /// What somebody should look at, although the process works; shown.
        package var remark: String?

        /// - Parameters:
        ///   - problem: safe to show to anybody.
        ///   - remark: safe to show to anybody.
        package init(_ name: String, problem: String? = nil, remark: String? = nil) {
            self.name = name
            self.problem = problem
            self.remark = remark
        }

        var line: String {
            if let problem { return "-\(name): \(problem)" }
            if let remark { return "!\(name): \(remark)" }
            return "+\(name)"
        }
    }

    /// It finishes what it has and takes nothing new.
    package var isDraining: Bool
    /// What was asked, in the order in which it is shown.
    package var checks: [Check]

    /// Ready unless something speaks against it.
    package init(isDraining: Bool = false, checks: [Check] = []) {
        self.isDraining = isDraining
        self.checks = checks
    }

    /// Not draining, and no check has a problem.
    package var isReady: Bool { !isDraining && checks.allSatisfy { $0.problem == nil } }

    /// One line per check and detail, which begins with `+` (well), `!` (works, look at it) or `-` (keeps it from being
    /// ready), and one for the whole.
    func report(_ details: [Check]) -> String {
        var lines = (checks + details).map(\.line)
        if isDraining { lines.append("-draining") }
        lines.append(isReady ? "ready" : "not ready")
        return lines.joined(separator: "\n") + "\n"
    }
}
