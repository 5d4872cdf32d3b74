/// Expressions and conditions about pauses.
enum HoldSQL {
    /// Some pause is on a user or a batch. As a condition without columns it is looked at once per statement: while nothing
    /// is paused, the rest costs nothing.
    static let exist = "(SELECT EXISTS (SELECT FROM holds WHERE scope <> 'type'))"

    /// A pause covers the task `t`.
    static let coversTask = """
        EXISTS (SELECT FROM holds h WHERE (h.scope = 'user' AND h.subject = t.user_id)
                                       OR (h.scope = 'batch' AND h.subject = t.batch_id)
                                       OR (h.scope = 'pilot' AND h.subject = t.batch_id AND NOT t.is_pilot))
        """

    /// A pause covers the step `s` of the task `t`.
    static let coversStep = """
        EXISTS (SELECT FROM holds h WHERE (h.scope = 'user' AND h.subject = t.user_id)
                                       OR (h.scope = 'batch' AND h.subject = t.batch_id)
                                       OR (h.scope = 'pilot' AND h.subject = t.batch_id AND NOT t.is_pilot)
                                       OR (h.scope = 'type' AND h.subject = s.agent_type))
        """

    /// Gives back up to `$1` steps, and as many new tasks, that no pause covers any more. Returns how many.
    static let release = """
        WITH free AS MATERIALIZED (
            SELECT s.step_id FROM steps s LEFT JOIN tasks t ON t.task_id = s.task_id
            WHERE s.state = 'parked' AND s.wait_reason = 'paused' AND NOT \(coversStep)
            ORDER BY s.step_id LIMIT $1 FOR NO KEY UPDATE OF s SKIP LOCKED),
        released AS (
            UPDATE steps s SET state = 'ready', wait_reason = NULL FROM free f
            WHERE s.step_id = f.step_id AND s.state = 'parked' RETURNING s.step_id),
        lifted AS MATERIALIZED (
            SELECT t.task_id FROM tasks t WHERE t.is_new AND t.is_held AND NOT \(coversTask)
            ORDER BY t.task_id LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED),
        taken_up AS (
            UPDATE tasks t SET is_held = FALSE FROM lifted l WHERE t.task_id = l.task_id RETURNING t.task_id)
        SELECT (SELECT count(*) FROM released) AS steps, (SELECT count(*) FROM taken_up) AS tasks
        """

    /// Sets aside up to `$1` waiting steps, and as many new tasks, that a pause covers. Of a paused type only what is out
    /// already: the rest is not dispatched anyway. Returns how many.
    static let setAside = """
        WITH covered AS MATERIALIZED (
            SELECT s.step_id FROM steps s JOIN tasks t ON t.task_id = s.task_id
            WHERE s.state IN ('ready', 'dispatched')
                AND (\(exist) AND \(coversTask)
                     OR s.state = 'dispatched'
                        AND s.agent_type IN (SELECT subject FROM holds WHERE scope = 'type'))
            ORDER BY s.step_id LIMIT $1 FOR NO KEY UPDATE OF s SKIP LOCKED),
        parked AS (
            UPDATE steps s SET state = 'parked', wait_reason = 'paused', not_before = NULL FROM covered c
            WHERE s.step_id = c.step_id AND s.state IN ('ready', 'dispatched') RETURNING s.step_id),
        new_tasks AS MATERIALIZED (
            SELECT t.task_id FROM tasks t
            WHERE t.is_new AND NOT t.is_held AND \(exist) AND \(coversTask)
            ORDER BY t.task_id LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED),
        held AS (
            UPDATE tasks t SET is_held = TRUE FROM new_tasks n
            WHERE t.task_id = n.task_id AND t.is_new RETURNING t.task_id)
        SELECT (SELECT count(*) FROM parked) AS steps, (SELECT count(*) FROM held) AS tasks
        """
}
