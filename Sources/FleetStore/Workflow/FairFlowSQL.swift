/// Start-time fair queueing, for the statements that put something into a flow.
///
/// A flow is a user and a batch, in one priority. What is new in it gets the tags after its last one, or after the
/// clock if it has fallen behind.
enum FairFlowSQL {
    /// An expression: the number of a priority, 0 for the most urgent.
    static func rank(of priority: String) -> String {
        "array_position(ARRAY['urgent', 'high', 'medium', 'low'], \(priority)) - 1"
    }

    /// An expression: the name of the flow of a user and a batch.
    static func flow(user: String, batch: String) -> String { "\(user) || '/' || coalesce(\(batch), '')" }

    /// An INSERT that moves flows on and returns them with their new `last_tag`. Their rows are locked until the
    /// commit, in order of the flows.
    ///
    /// - Parameter arrivals: rows with `rank`, `flow` and `arrivals`, how many tags the flow needs; one row per flow.
    static func moveOn(_ arrivals: String) -> String {
        """
        INSERT INTO fair_flows AS f (priority, flow, last_tag)
        SELECT w.rank, w.flow, c.virtual_time + w.arrivals
        FROM (\(arrivals)) w JOIN fair_clocks c ON c.priority = w.rank
        ORDER BY w.rank, w.flow
        ON CONFLICT (priority, flow) DO UPDATE SET last_tag = greatest(
            excluded.last_tag,
            f.last_tag + excluded.last_tag
                - (SELECT c.virtual_time FROM fair_clocks c WHERE c.priority = excluded.priority))
        RETURNING f.priority, f.flow, f.last_tag
        """
    }
}
