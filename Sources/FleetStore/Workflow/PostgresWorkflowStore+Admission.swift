import FleetCore
import PostgresClient

extension PostgresWorkflowStore {
    /// New tasks wait as rows, not as wake-ups: those come from outcomes alone, so that neither an urgent task nor the next
    /// step of a running one stands behind a backlog that was handed in before.
    enum AdmissionStatements {
        /// A task's first step is for this role: its queues' room decides.
        private static let role = StepKind.taskAnalysis.role

        /// An expression over `tasks`: the number of its priority, as the index of the new tasks has it.
        static let rank = FairFlowSQL.rank(of: "priority::text")

        /// Steps that wait in a queue for each ticket that it may have out: enough that a dispatch never finds it empty
        /// although tasks wait.
        private static let stepsPerTicket = 2

        /// A task that could not be advanced was touched: it has its turn again later.
        static let isDue = "(updated_at = created_at OR updated_at < now() - interval '10 seconds')"

        /// Up to `$2` new tasks of the most urgent priority that there is, in the order of their fair tags, as far as the
        /// queues of the role `$1` have room. Steps of a lower priority take no room: the new ones go before them.
        static let admit = PostgresStatement(
            "admit",
            """
            WITH first AS (
                SELECT \(rank) AS rank FROM tasks WHERE is_new AND NOT is_held AND \(isDue)
                ORDER BY 1 LIMIT 1),
            room AS (
                SELECT f.rank, least($2, sum(\(stepsPerTicket) * q.ticket_window - (
                    SELECT count(*) FROM (
                        SELECT FROM steps s
                        WHERE s.state = 'ready' AND s.agent_type = q.agent_type AND s.priority <= f.rank
                        LIMIT \(stepsPerTicket) * q.ticket_window) waiting)))::int8 AS room
                FROM first f CROSS JOIN agents a JOIN agent_queues q ON q.agent_type = a.agent_type
                WHERE a.role = $1 AND a.is_active GROUP BY f.rank),
            candidates AS MATERIALIZED (
                SELECT n.task_id, n.fair_tag FROM room r CROSS JOIN LATERAL (
                    SELECT t.task_id, t.fair_tag FROM tasks t
                    WHERE t.is_new AND NOT t.is_held AND \(rank) = r.rank AND \(isDue)
                    ORDER BY t.fair_tag, t.task_id LIMIT greatest(r.room, 0) FOR NO KEY UPDATE SKIP LOCKED) n),
            -- What a pause covers is set aside, so that it stands before nobody.
            held AS MATERIALIZED (
                SELECT t.task_id FROM candidates c JOIN tasks t ON t.task_id = c.task_id
                WHERE \(HoldSQL.exist) AND \(HoldSQL.coversTask)),
            set_aside AS (
                UPDATE tasks t SET is_held = TRUE FROM held h WHERE t.task_id = h.task_id)
            SELECT task_id, 0::int8 AS wake_ups, NULL::int8 AS lowest FROM candidates
            WHERE task_id NOT IN (SELECT task_id FROM held) ORDER BY fair_tag, task_id
            """)

        static func admit(limit: Int) -> (PostgresStatement, [PostgresValue]) {
            (admit, [.text(role.rawValue), .int4(Int32(limit))])
        }

        static let admitThis = PostgresStatement(
            "admit_this",
            """
            SELECT task_id, 0::int8 AS wake_ups, NULL::int8 AS lowest FROM tasks
            WHERE task_id = $1 AND is_new FOR NO KEY UPDATE SKIP LOCKED
            """)
    }
}
