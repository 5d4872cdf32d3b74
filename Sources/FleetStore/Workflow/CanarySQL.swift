/// What several statements say of canaries.
enum CanarySQL {
    /// The last canary of a row of `canaries` that anybody has heard, when, and whether some worker that would tell has a
    /// place free. One that has ended a moment ago may have heard it.
    static func heard(_ row: String) -> String {
        """
        (SELECT greatest(\(row).heard, coalesce(max((w.hearing -> \(row).agent_type ->> 'canary')::int8), 0)) AS heard,
                greatest(\(row).heard_at, to_timestamp(
                    max((w.hearing -> \(row).agent_type ->> 'canary_at')::float8) / 1000000)) AS heard_at,
                coalesce(bool_or(\(takesPart) AND w.running < w.slots), FALSE) AS has_places
         FROM workers w
         WHERE w.heartbeat_at > now() - interval '1 minute' AND \(row).agent_type = ANY(w.agent_types))
        """
    }

    /// Columns: since a worker last took a canary, and for how long workers with free places have taken none; in seconds,
    /// null: not known, and they do.
    ///
    /// - Parameter heard: the row of ``heard(_:)``.
    static func ages(_ row: String, _ heard: String) -> String {
        """
        extract(epoch FROM now() - \(heard).heard_at)::float8 AS canary_age,
        CASE WHEN \(heard).has_places AND NOT (\(row).consumers > 0 AND \(heard).heard >= \(row).number AND \(row).number > 0)
             THEN extract(epoch FROM now() - \(row).silent_since)::float8 END AS silence
        """
    }

    /// Of a worker that lives, takes work, and tells what it hears.
    private static let takesPart = "w.\(LiveWorkers.takesWork) AND w.hearing IS NOT NULL"
}
