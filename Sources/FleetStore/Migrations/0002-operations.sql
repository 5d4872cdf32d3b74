-- Operating a fleet: pauses, dead letters as a workbench, long operations, who did what.

CREATE TABLE holds (
    scope VARCHAR(10) NOT NULL CHECK (scope IN ('type', 'user', 'batch')),
    subject VARCHAR(100) NOT NULL,
    reason TEXT NOT NULL,
    actor VARCHAR(100) NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (scope, subject)
);
COMMENT ON TABLE holds IS
    'Pauses: work of these types, users and batches (by id) is not dispatched, and new tasks of theirs are not taken up.';
-- Parked for a pause: found without looking at all that waits for something else.
CREATE INDEX idx_steps_paused ON steps (step_id) WHERE state = 'parked' AND wait_reason = 'paused';

ALTER TABLE tasks
    ADD COLUMN is_held BOOLEAN NOT NULL DEFAULT FALSE,
    ADD COLUMN preferred_model VARCHAR(100);
COMMENT ON COLUMN tasks.is_held IS 'New, and a pause covers it: set aside from the line of new tasks until that is lifted.';
COMMENT ON COLUMN tasks.preferred_model IS 'The model that the steps of the run at hand ask first: an operator''s replay says so.';
DROP INDEX idx_tasks_pending;
CREATE INDEX idx_tasks_pending ON tasks
    ((array_position(ARRAY['urgent', 'high', 'medium', 'low'], priority::text) - 1), fair_tag, task_id)
    WHERE workflow_state = 'pending' AND NOT is_held;
CREATE INDEX idx_tasks_held ON tasks (task_id) WHERE workflow_state = 'pending' AND is_held;

CREATE TABLE audit_log (
    audit_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL DEFAULT now(),
    actor VARCHAR(100) NOT NULL,
    key_id VARCHAR(50),
    ip VARCHAR(45),
    action VARCHAR(60) NOT NULL,
    object VARCHAR(250) NOT NULL,
    before JSONB,
    after JSONB,
    reason TEXT,
    request_id VARCHAR(100),
    outcome VARCHAR(20) NOT NULL DEFAULT 'done'
);
COMMENT ON TABLE audit_log IS 'Who did what, written in the transaction of the change. The actor is the operating-system user of a command.';
CREATE INDEX idx_audit_log_object ON audit_log (object, audit_id);

CREATE TABLE operations (
    operation_id VARCHAR(50) PRIMARY KEY,
    kind VARCHAR(40) NOT NULL,
    state VARCHAR(12) NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'paused', 'done', 'cancelled', 'failed')),
    parameters JSONB NOT NULL DEFAULT '{}',
    matched INTEGER NOT NULL,
    rate_per_minute INTEGER CHECK (rate_per_minute > 0),
    canary BOOLEAN NOT NULL DEFAULT FALSE,
    actor VARCHAR(100) NOT NULL,
    reason TEXT NOT NULL,
    problem TEXT,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    finished_at TIMESTAMPTZ
);
COMMENT ON COLUMN operations.started_at IS 'Since when its rate counts: of the last start or resumption.';
COMMENT ON COLUMN operations.problem IS 'Why it was paused or failed.';
CREATE INDEX idx_operations_open ON operations (created_at) WHERE state IN ('running', 'paused');

CREATE TABLE step_failures (
    step_id BIGINT NOT NULL,
    attempt INTEGER NOT NULL,
    at TIMESTAMPTZ NOT NULL DEFAULT now(),
    worker VARCHAR(100),
    error TEXT NOT NULL,
    PRIMARY KEY (step_id, attempt)
);
COMMENT ON TABLE step_failures IS 'How each attempt that failed ended, kept for the dead letter that may come of it.';

ALTER TABLE dead_letters
    ADD COLUMN kind VARCHAR(30),
    ADD COLUMN error_code VARCHAR(60) NOT NULL DEFAULT 'unknown',
    ADD COLUMN provider VARCHAR(50),
    ADD COLUMN model VARCHAR(100),
    ADD COLUMN prompt_version VARCHAR(40),
    ADD COLUMN fingerprint VARCHAR(16) GENERATED ALWAYS AS (left(md5(
        error_code || '/' || agent_type || '/' || coalesce(kind, '') || '/' || coalesce(model, '') || '/'
        || coalesce(prompt_version, '')), 12)) STORED,
    ADD COLUMN deaths JSONB,
    ADD COLUMN replays INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN operation_id VARCHAR(50),
    ADD COLUMN replay_state VARCHAR(12) CHECK (replay_state IN ('queued', 'begun', 'done', 'failed', 'skipped')),
    ADD COLUMN replay_note TEXT,
    ADD COLUMN replayed_at TIMESTAMPTZ,
    ADD COLUMN replay_due TIMESTAMPTZ;
COMMENT ON COLUMN dead_letters.payload IS 'The input of the step as it was, or the body of the ticket.';
COMMENT ON COLUMN dead_letters.fingerprint IS 'The same for letters that died of the same thing.';
COMMENT ON COLUMN dead_letters.deaths IS 'What the broker says of a ticket''s way: x-death.';
COMMENT ON COLUMN dead_letters.replay_state IS
    'In operation_id: queued, begun (its task tries its failed parts again), done, failed (it died again), skipped.';
COMMENT ON COLUMN dead_letters.resolution IS
    'succeeded: its step was done after all; superseded: its task went another way; cancelled; discarded';
DROP INDEX idx_dead_letters_open;
CREATE INDEX idx_dead_letters_open ON dead_letters (fingerprint, created_at) WHERE resolved_at IS NULL;
CREATE INDEX idx_dead_letters_operation ON dead_letters (operation_id, replay_state, dead_letter_id)
    WHERE operation_id IS NOT NULL;
CREATE INDEX idx_dead_letters_task ON dead_letters (task_id) WHERE resolved_at IS NULL;
