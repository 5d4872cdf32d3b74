-- Batches: results in the order of their ends, what pauses a batch by itself, what goes first.

ALTER TABLE batches
    ADD COLUMN cancelled_at TIMESTAMPTZ,
    ADD COLUMN last_result BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN breaker_share DOUBLE PRECISION DEFAULT 0.5 CHECK (breaker_share > 0 AND breaker_share <= 1),
    ADD COLUMN breaker_minimum INTEGER NOT NULL DEFAULT 20 CHECK (breaker_minimum > 0),
    ADD COLUMN breaker_from BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN breaker_looked BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN pilot_size INTEGER CHECK (pilot_size > 0),
    ADD COLUMN pilot_state VARCHAR(12) CHECK (pilot_state IN ('gathering', 'running', 'passed', 'stopped')),
    ADD COLUMN pilot_score DOUBLE PRECISION,
    ADD COLUMN pilot_cost_usd NUMERIC(20, 6),
    ADD COLUMN pilot_failures DOUBLE PRECISION;
COMMENT ON COLUMN batches.last_result IS 'The largest result_number of its tasks that was given.';
COMMENT ON COLUMN batches.breaker_share IS
    'The breaker pauses the batch when one fingerprint makes up this share of its failures; null: it has none.';
COMMENT ON COLUMN batches.breaker_from IS 'Results up to this number do not count: it was resumed after them.';
COMMENT ON COLUMN batches.breaker_looked IS 'Up to which result the breaker has looked.';
COMMENT ON COLUMN batches.pilot_score IS 'With the two after it the bounds within which the batch goes on by itself.';
CREATE INDEX idx_batches_unlooked ON batches (batch_id) WHERE last_result > breaker_looked;
CREATE INDEX idx_batches_pilot ON batches (batch_id) WHERE pilot_state IN ('gathering', 'running');

ALTER TABLE tasks
    ADD COLUMN custom_id VARCHAR(200),
    ADD COLUMN content_key VARCHAR(52),
    ADD COLUMN result_number BIGINT,
    ADD COLUMN is_pilot BOOLEAN NOT NULL DEFAULT FALSE;
COMMENT ON COLUMN tasks.custom_id IS 'Its owner''s name for it, unique in its batch: the id is made of both.';
COMMENT ON COLUMN tasks.content_key IS 'Of what was handed in under the custom_id: another content is another task.';
-- Given by one transaction at a time per batch, under the lock of its row: whoever sees a number sees all smaller ones,
-- in whatever order the ends themselves were committed.
COMMENT ON COLUMN tasks.result_number IS
    'Its place among the results of its batch; null while it is at work and until its end has been numbered.';
DROP INDEX idx_tasks_batch;
CREATE INDEX idx_tasks_batch ON tasks (batch_id, task_id) WHERE batch_id IS NOT NULL;
CREATE INDEX idx_tasks_results ON tasks (batch_id, result_number) WHERE result_number IS NOT NULL;
CREATE INDEX idx_tasks_unnumbered ON tasks (batch_id)
    WHERE batch_id IS NOT NULL AND result_number IS NULL
        AND status IN ('completed', 'partial_completion', 'failed', 'cancelled');
CREATE INDEX idx_tasks_pilot ON tasks (batch_id) WHERE is_pilot;

-- The tasks of a batch that an operation tries again.
CREATE TABLE operation_tasks (
    operation_id VARCHAR(50) NOT NULL REFERENCES operations (operation_id) ON DELETE CASCADE,
    task_id VARCHAR(50) NOT NULL,
    state VARCHAR(12) NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'begun', 'done', 'failed', 'skipped')),
    note TEXT,
    begun_at TIMESTAMPTZ,
    due_at TIMESTAMPTZ,
    PRIMARY KEY (operation_id, task_id)
);
-- A task is in one of them at a time.
CREATE UNIQUE INDEX idx_operation_tasks_taken ON operation_tasks (task_id) WHERE state IN ('queued', 'begun');
CREATE INDEX idx_operation_tasks_open ON operation_tasks (operation_id, task_id) WHERE state IN ('queued', 'begun');

ALTER TABLE holds DROP CONSTRAINT holds_scope_check;
ALTER TABLE holds ADD CONSTRAINT holds_scope_check CHECK (scope IN ('type', 'user', 'batch', 'pilot'));
COMMENT ON TABLE holds IS
    'Pauses: work of these types, users and batches (by id) is not dispatched, and new tasks of theirs are not taken up. '
    'pilot: of a batch (by id) only the sample goes on.';
