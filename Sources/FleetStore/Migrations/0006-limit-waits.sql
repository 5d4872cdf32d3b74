-- Why a running step does not run, and that it has called nobody yet.

ALTER TABLE steps
    ADD COLUMN limit_wait JSONB,
    ADD COLUMN limit_wait_attempt INTEGER,
    ADD COLUMN limit_wait_since TIMESTAMPTZ;
COMMENT ON COLUMN steps.limit_wait IS
    'What the attempt limit_wait_attempt waits for before its first call; while it says so no call of it was sent. JSON '
    'null: it waits no more, for good. Of other attempts it says nothing.';
