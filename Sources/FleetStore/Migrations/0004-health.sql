-- Signs of life: canaries of the queues, what workers hear of them, schedulers.

-- Apart from agent_queues: whoever dispatches locks those rows and skips the ones that are locked.
CREATE TABLE canaries (
    agent_type VARCHAR(50) PRIMARY KEY,
    looked_at TIMESTAMPTZ NOT NULL,
    seen_at TIMESTAMPTZ,
    consumers INTEGER NOT NULL DEFAULT 0,
    number BIGINT NOT NULL DEFAULT 0,
    sent_at TIMESTAMPTZ,
    heard BIGINT NOT NULL DEFAULT 0,
    heard_at TIMESTAMPTZ,
    silent_since TIMESTAMPTZ
) WITH (fillfactor = 50);
COMMENT ON TABLE canaries IS
    'A message per queue that asks its consumers for a sign of life; looked after by one scheduler at a time.';
COMMENT ON COLUMN canaries.looked_at IS 'When a scheduler last took this up; seen_at: when the broker answered it.';
COMMENT ON COLUMN canaries.number IS 'Of the last one sent; heard: of the last one that a worker has told of.';
COMMENT ON COLUMN canaries.silent_since IS
    'Since when workers with free places have taken none of them; null: they do, or none has a place free.';

ALTER TABLE workers ADD COLUMN hearing JSONB;
COMMENT ON COLUMN workers.hearing IS
    'By agent type, what the worker has heard from the queue; null: its version does not tell.';

CREATE TABLE schedulers (
    scheduler_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name VARCHAR(100) NOT NULL,
    state VARCHAR(12) NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'retired', 'lost')),
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    heartbeat_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    turns JSONB NOT NULL DEFAULT '{}'
) WITH (fillfactor = 50);
COMMENT ON COLUMN schedulers.turns IS
    'By duty, how many seconds before heartbeat_at its last round ended.';
