/// Conditions on rows of `workers`: those that were heard of lately.
enum LiveWorkers {
    private static let isHeardOf = "heartbeat_at > now() - interval '10 seconds'"

    /// Of a worker that takes work.
    static let takesWork = "state = 'active' AND \(isHeardOf)"
    /// Of one that lives, also if it takes nothing new.
    static let lives = "state IN ('active', 'draining') AND \(isHeardOf)"
}
