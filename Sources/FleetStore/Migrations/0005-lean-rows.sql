-- What a step costs: fewer index entries, changes that touch no index, one row of events per advance.

-- Foreign keys. Rows of these tables are written from rows that are there, in the same transaction, and deleted by the
-- fleet itself, in order: there is nothing for a check per row to find, and each takes a lock that all transactions of a
-- task, or of an agent, share.
ALTER TABLE subtasks
    DROP CONSTRAINT subtasks_task_id_fkey,
    DROP CONSTRAINT subtasks_parent_subtask_id_fkey,
    DROP CONSTRAINT subtasks_assigned_agent_id_fkey;
ALTER TABLE solutions
    DROP CONSTRAINT solutions_task_id_fkey,
    DROP CONSTRAINT solutions_subtask_id_fkey,
    DROP CONSTRAINT solutions_agent_id_fkey;
ALTER TABLE revisions DROP CONSTRAINT revisions_task_id_fkey;
ALTER TABLE agents DROP CONSTRAINT agents_current_task_id_fkey;
DROP INDEX idx_agents_current_task;

-- States in index predicates. PostgreSQL leaves the indexes alone only if no column changes that any of them names, in a
-- predicate as well: so they ask for these columns, which change once or twice in a task's life.
ALTER TABLE tasks
    ADD COLUMN is_new BOOLEAN GENERATED ALWAYS AS (workflow_state = 'pending') STORED,
    ADD COLUMN is_open BOOLEAN GENERATED ALWAYS AS (
        workflow_state NOT IN ('pending', 'completed', 'failed', 'cancelled') OR active_revision_id IS NOT NULL) STORED,
    ADD COLUMN has_wish BOOLEAN GENERATED ALWAYS AS (status = 'revision_pending' OR retry_requested) STORED,
    ADD COLUMN ended_as VARCHAR(50) GENERATED ALWAYS AS (
        CASE WHEN status IN ('completed', 'partial_completion', 'failed', 'cancelled') THEN status END) STORED;
COMMENT ON COLUMN tasks.is_new IS 'Nobody has taken it up yet.';
COMMENT ON COLUMN tasks.is_open IS 'It is at work, or a revision of it is.';
COMMENT ON COLUMN tasks.has_wish IS 'Its owner wants something more: a revision or a retry.';
COMMENT ON COLUMN tasks.ended_as IS 'Its status if that is an end, otherwise null.';
DROP INDEX idx_tasks_status, idx_tasks_open, idx_tasks_owner_request, idx_tasks_pending, idx_tasks_held,
    idx_tasks_unnumbered;
CREATE INDEX idx_tasks_ended ON tasks (ended_as, created_at DESC) WHERE ended_as IS NOT NULL;
CREATE INDEX idx_tasks_open ON tasks (task_id) WHERE is_open;
CREATE INDEX idx_tasks_wish ON tasks (task_id) WHERE has_wish;
CREATE INDEX idx_tasks_new ON tasks
    ((array_position(ARRAY['urgent', 'high', 'medium', 'low'], priority::text) - 1), fair_tag, task_id)
    WHERE is_new AND NOT is_held;
CREATE INDEX idx_tasks_held ON tasks (task_id) WHERE is_new AND is_held;
CREATE INDEX idx_tasks_unnumbered ON tasks (batch_id)
    WHERE batch_id IS NOT NULL AND result_number IS NULL AND ended_as IS NOT NULL;

-- Ids begin with the time now: a task's rows stand beside those of its age, in every table and index. By bytes, so that a
-- month is a range of ids whatever the database's language.
ALTER TABLE batches ADD COLUMN task_prefix VARCHAR(20);
COMMENT ON COLUMN batches.task_prefix IS
    'What the ids of its tasks begin with: the time when it was made. Null: it was made before ids had a time.';
ALTER TABLE tasks ALTER COLUMN task_id TYPE VARCHAR(50) COLLATE "C";
ALTER TABLE agents ALTER COLUMN current_task_id TYPE VARCHAR(50) COLLATE "C";
ALTER TABLE revisions ALTER COLUMN task_id TYPE VARCHAR(50) COLLATE "C";
ALTER TABLE subtasks ALTER COLUMN task_id TYPE VARCHAR(50) COLLATE "C";
ALTER TABLE solutions ALTER COLUMN task_id TYPE VARCHAR(50) COLLATE "C";
ALTER TABLE ai_api_usage ALTER COLUMN task_id TYPE VARCHAR(50) COLLATE "C";
ALTER TABLE steps ALTER COLUMN task_id TYPE VARCHAR(50) COLLATE "C";
ALTER TABLE task_wakeups ALTER COLUMN task_id TYPE VARCHAR(50) COLLATE "C";
ALTER TABLE dead_letters ALTER COLUMN task_id TYPE VARCHAR(50) COLLATE "C";
ALTER TABLE operation_tasks ALTER COLUMN task_id TYPE VARCHAR(50) COLLATE "C";

-- Room on the page for the next version of a row, which is about a kilobyte long.
ALTER TABLE tasks SET (fillfactor = 50);
ALTER TABLE subtasks SET (fillfactor = 40);

-- Indexes that no statement asks for, or that another one can answer.
DROP INDEX idx_subtasks_assigned_agent, idx_solutions_subtask, idx_ai_api_usage_provider;
DROP INDEX idx_ai_api_usage_timestamp;
-- Recent calls are found by it: a new range has to be summarized before much else is written.
CREATE INDEX idx_ai_api_usage_timestamp ON ai_api_usage USING brin (timestamp) WITH (pages_per_range = 32, autosummarize = on);
-- Nobody looks for these numbers: (step_id, attempt, call_number) and step_id name the same rows, and stay unique.
ALTER TABLE ai_api_usage DROP CONSTRAINT ai_api_usage_pkey;
ALTER TABLE solutions DROP CONSTRAINT solutions_pkey;

-- The events of an advance are one row. Of an event only what is its own is stored: the rest follows from the row. By the
-- number of the first: of two changes that both began where the task stood, one is refused, however many events they have.
CREATE TABLE event_log (
    task_id VARCHAR(50) COLLATE "C" NOT NULL,
    first_seq BIGINT NOT NULL,
    events INTEGER NOT NULL CHECK (events > 0),
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    body TEXT NOT NULL,
    PRIMARY KEY (task_id, first_seq)
);
COMMENT ON TABLE event_log IS
    'What happened to tasks, a row per change: read it as events and interactions. first_seq is the number of the first one.';
COMMENT ON COLUMN event_log.body IS
    'A JSON array of the events, in order, without task, number and time; "interaction" has what only interactions show.';
INSERT INTO event_log (task_id, first_seq, events, created_at, body)
SELECT e.task_id, e.seq, 1, e.created_at,
       jsonb_build_array((e.payload - 'task_id' - 'seq' - 'timestamp') || CASE
           WHEN i.interaction_type IS NULL THEN '{}'
           ELSE jsonb_build_object('interaction', jsonb_strip_nulls(jsonb_build_object(
               'type', i.interaction_type, 'metadata', nullif(i.metadata, '{}')))) END)::text
FROM (SELECT *, row_number() OVER (PARTITION BY task_id, created_at, type ORDER BY seq) AS place FROM events) e
LEFT JOIN (
    SELECT *, row_number() OVER (
        PARTITION BY task_id, timestamp ORDER BY substring(interaction_id FROM '[0-9]+$')::bigint) AS place
    FROM interactions) i
    ON e.type = 'agent_activity' AND i.task_id = e.task_id AND i.timestamp = e.created_at AND i.place = e.place;
DO $$ BEGIN
    IF (SELECT count(*) FROM interactions)
        <> (SELECT count(*) FROM event_log WHERE body::jsonb -> 0 ? 'interaction') THEN
        RAISE EXCEPTION 'interactions without an event: the upgrade would lose them';
    END IF;
END $$;
DROP TABLE events, interactions;

CREATE VIEW events AS
SELECT l.task_id, l.first_seq + e.place - 1 AS seq, e.event ->> 'type' AS type,
       (e.event - 'interaction') || jsonb_build_object(
           'task_id', l.task_id, 'seq', l.first_seq + e.place - 1,
           'timestamp', to_char(l.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) AS payload,
       l.created_at, l.first_seq + l.events - 1 AS last_seq
FROM event_log l CROSS JOIN LATERAL jsonb_array_elements(l.body::jsonb) WITH ORDINALITY AS e (event, place);
COMMENT ON VIEW events IS 'A task''s stream: seq counts 1, 2, 3, ... without gaps, given under the task''s row lock.';
COMMENT ON COLUMN events.last_seq IS 'Of the same change: to find those after a number, ask for this one as well.';

CREATE VIEW interactions AS
SELECT 'int_' || right(l.task_id, 26) || '_' || (l.first_seq + e.place - 1) AS interaction_id, l.task_id,
       e.event ->> 'agent_id' AS agent_id, e.event -> 'interaction' ->> 'type' AS interaction_type,
       e.event ->> 'action' AS action, e.event ->> 'description' AS description,
       coalesce(e.event -> 'interaction' -> 'metadata', '{}') AS metadata, l.created_at AS timestamp
FROM event_log l CROSS JOIN LATERAL jsonb_array_elements(l.body::jsonb) WITH ORDINALITY AS e (event, place)
WHERE e.event ? 'interaction';
COMMENT ON VIEW interactions IS 'Who did what to a task: those of its events that somebody caused.';

-- JSON that PostgreSQL only keeps and hands on. As text it is not taken apart and put together again at each step.
ALTER TABLE step_inputs ALTER COLUMN input TYPE TEXT USING input::text;
ALTER TABLE step_results ALTER COLUMN output TYPE TEXT USING output::text;
CREATE FUNCTION jsonb_or_text(value TEXT) RETURNS JSONB LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    RETURN value::jsonb;
EXCEPTION WHEN data_exception THEN
    RETURN to_jsonb(value);
END $$;
COMMENT ON FUNCTION jsonb_or_text IS 'What a dead letter keeps of a text that should have been JSON, and may be why it died.';

-- A long answer is compressed a few times as fast by lz4, which a server may be too old for (13) or be built without.
DO $$
DECLARE
    place TEXT;
BEGIN
    FOREACH place IN ARRAY ARRAY[
        'solutions.content', 'solutions.metadata', 'step_inputs.input', 'step_results.output', 'event_log.body',
        'tasks.description', 'tasks.context', 'tasks.analysis', 'tasks.checkpoint', 'subtasks.description',
        'subtasks.result', 'dead_letters.payload', 'dead_letters.error'] LOOP
        EXECUTE format('ALTER TABLE %I ALTER COLUMN %I SET COMPRESSION lz4', split_part(place, '.', 1),
                       split_part(place, '.', 2));
    END LOOP;
EXCEPTION WHEN feature_not_supported OR syntax_error THEN
    RAISE NOTICE 'this server has no lz4: long texts are compressed by pglz';
END $$;
