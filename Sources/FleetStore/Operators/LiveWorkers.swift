/// Conditions on rows of `workers`: those that were heard of lately.
enum LiveWorkers {
    private static let isHeardOf = "heartbeat_at > now() - interval '10 seconds'"

    /// Of a worker that takes work.
    static let takesWork = "state = 'active' AND \(isHeardOf)"
    /// Of one that lives, also if it takes nothing new.
    static let lives = "state IN ('active', 'draining') AND \(isHeardOf)"

    /// As ``lives``, of the worker `name` where another table has a state, too.
    static func lives(of name: String) -> String {
        "\(name).state IN ('active', 'draining') AND \(name).\(isHeardOf)"
    }
}
