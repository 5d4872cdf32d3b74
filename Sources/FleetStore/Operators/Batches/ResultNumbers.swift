import PostgresClient

/// Gives the tasks of batches that have ended their places among the results.
///
/// The ends are committed in any order, by whoever wrote them. Numbers are given by one transaction at a time per batch,
/// under the lock of the batch's row, after the ends: so a number is seen only together with all smaller ones, and who
/// reads results by their numbers misses none.
enum ResultNumbers {
    /// Tasks in one statement.
    static let portion: Int32 = 2000

    /// A condition on the task `t`: it has ended and has no number yet. As the index has it.
    private static let isDue = """
        t.batch_id IS NOT NULL AND t.result_number IS NULL AND t.ended_as IS NOT NULL
        """

    /// Of the batch `$1`, or with null of any, passing by those that somebody else is numbering.
    private static func give(_ lock: String) -> String {
        """
        WITH due AS MATERIALIZED (
            SELECT b.batch_id, b.last_result FROM batches b
            WHERE b.batch_id IN (SELECT DISTINCT t.batch_id FROM tasks t WHERE \(isDue) AND ($1::text IS NULL OR t.batch_id = $1))
            ORDER BY b.batch_id FOR NO KEY UPDATE\(lock)),
        ended AS MATERIALIZED (
            SELECT t.task_id, t.batch_id, d.last_result, t.completed_at
            FROM due d JOIN tasks t ON t.batch_id = d.batch_id
            WHERE \(isDue) LIMIT $2 FOR NO KEY UPDATE OF t SKIP LOCKED),
        numbered AS (
            SELECT task_id, batch_id, last_result
                       + row_number() OVER (PARTITION BY batch_id ORDER BY completed_at, task_id) AS number
            FROM ended),
        given AS (
            UPDATE tasks t SET result_number = n.number FROM numbered n WHERE t.task_id = n.task_id),
        counted AS (
            UPDATE batches b SET last_result = n.last
            FROM (SELECT batch_id, max(number) AS last FROM numbered GROUP BY batch_id) n WHERE b.batch_id = n.batch_id)
        SELECT count(*) FROM ended
        """
    }

    private static let ofAny = PostgresStatement("batch_number_any", give(" SKIP LOCKED"))
    private static let ofOne = PostgresStatement("batch_number", give(""))

    /// Numbers up to a portion of what has ended. Returns how many.
    static func give(of batch: String? = nil, in session: PostgresSession) throws -> Int {
        try session.execute(
            batch == nil ? ofAny : ofOne, [batch.map { .text($0) } ?? .null, .int4(portion)]
        ).only()
    }

    /// Numbers everything of a batch that has ended, in portions of a statement each.
    static func giveAll(of batch: String, in session: PostgresSession) throws {
        while try give(of: batch, in: session) == Int(portion) {}
    }
}
