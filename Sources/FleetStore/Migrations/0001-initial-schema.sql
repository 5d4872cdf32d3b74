-- The tables of the specification with its columns, and after them what the architecture adds.
--
-- Long texts go out of line (toast_tuple_target), so that a change of state rewrites a narrow row.
--
-- PostgreSQL leaves all indexes alone if an update touches no indexed column and finds room on the row's page
-- (fillfactor). So there is an index only for what a statement asks for, and none on what each change of state would
-- change: subtasks and solutions are looked for by their task, not by state. Timestamps that only reports read come in
-- order, which is what BRIN is for.

CREATE TABLE batches (
    batch_id VARCHAR(50) PRIMARY KEY,
    name VARCHAR(200) NOT NULL,
    user_id VARCHAR(50) NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    UNIQUE (user_id, name)
);

-- The thirteen states of the workflow are in workflow_state; current_stage has the specification's eight values and no
-- others.
CREATE TABLE tasks (
    task_id VARCHAR(50) PRIMARY KEY,
    user_id VARCHAR(50) NOT NULL,
    title VARCHAR(500) NOT NULL,
    description TEXT NOT NULL,
    priority VARCHAR(20) NOT NULL DEFAULT 'medium'
        CHECK (priority IN ('urgent', 'high', 'medium', 'low')),
    status VARCHAR(50) NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'in_progress', 'coordination', 'synthesis', 'manager_review', 'completed',
                          'partial_completion', 'failed', 'cancelled', 'revision_pending', 'revision_in_progress')),
    context JSONB,
    progress INTEGER NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
    current_stage VARCHAR(50) NOT NULL DEFAULT 'initialization'
        CHECK (current_stage IN ('initialization', 'task_analysis', 'specialist_selection', 'specialist_execution',
                                 'coordination', 'synthesis', 'manager_review', 'completed')),
    estimated_completion TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    completed_at TIMESTAMPTZ,
    batch_id VARCHAR(50) REFERENCES batches (batch_id) ON DELETE SET NULL,
    workflow_state VARCHAR(30) NOT NULL DEFAULT 'pending',
    fair_tag BIGINT NOT NULL DEFAULT 0,
    cancel_epoch INTEGER NOT NULL DEFAULT 0,
    event_seq BIGINT NOT NULL DEFAULT 0,
    current_step_id BIGINT,
    analysis JSONB,
    selection JSONB,
    plan_number INTEGER NOT NULL DEFAULT 0,
    plan_repairs INTEGER NOT NULL DEFAULT 0,
    final_revisions INTEGER NOT NULL DEFAULT 0,
    analysis_step_id BIGINT,
    coordination_step_id BIGINT,
    synthesis_step_id BIGINT,
    answer_version INTEGER NOT NULL DEFAULT 0,
    active_revision_id VARCHAR(50),
    retry_requested BOOLEAN NOT NULL DEFAULT FALSE,
    limitations JSONB,
    failure TEXT,
    final_review_step_id BIGINT,
    last_plan_number INTEGER NOT NULL DEFAULT 0,
    checkpoint JSONB
) WITH (toast_tuple_target = 256, fillfactor = 70);
COMMENT ON COLUMN tasks.last_plan_number IS 'The largest plan number in use: none is given twice.';
-- A revision or a retry that is cancelled goes back to it.
COMMENT ON COLUMN tasks.checkpoint IS
    'What the task was when a revision or a retry was asked for; null once that has ended.';
CREATE INDEX idx_tasks_user_id ON tasks (user_id, created_at DESC);
CREATE INDEX idx_tasks_status ON tasks (status, created_at DESC);
CREATE INDEX idx_tasks_created_at ON tasks (created_at DESC, task_id);
CREATE INDEX idx_tasks_batch ON tasks (batch_id) WHERE batch_id IS NOT NULL;
-- New tasks are taken up by priority and fair share; the sweep for idle tasks passes them by. The expression is that of
-- FairFlowSQL.rank, or the statement that admits tasks does not find the index.
CREATE INDEX idx_tasks_pending
    ON tasks ((array_position(ARRAY['urgent', 'high', 'medium', 'low'], priority::text) - 1), fair_tag, task_id)
    WHERE workflow_state = 'pending';
CREATE INDEX idx_tasks_open ON tasks (task_id)
    WHERE workflow_state NOT IN ('pending', 'completed', 'failed', 'cancelled') OR active_revision_id IS NOT NULL;
-- The sweep looks for finished tasks whose owner wants something more: a handful at any time.
CREATE INDEX idx_tasks_owner_request ON tasks (task_id) WHERE status = 'revision_pending' OR retry_requested;

-- An agent is what the catalogue says it is, and agent_id its type: workers are stateless.
CREATE TABLE agents (
    agent_id VARCHAR(50) PRIMARY KEY,
    agent_type VARCHAR(50) NOT NULL,
    capabilities JSONB NOT NULL,
    model_config JSONB NOT NULL,
    status VARCHAR(20) NOT NULL DEFAULT 'idle' CHECK (status IN ('idle', 'busy', 'error', 'maintenance')),
    current_task_id VARCHAR(50) REFERENCES tasks (task_id) ON DELETE SET NULL,
    total_tasks_completed INTEGER NOT NULL DEFAULT 0,
    average_rating DECIMAL(4,2),
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    role VARCHAR(20) NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    is_active BOOLEAN NOT NULL DEFAULT TRUE,
    ratings INTEGER NOT NULL DEFAULT 0,
    rating_total DOUBLE PRECISION NOT NULL DEFAULT 0,
    attempt_bounds JSONB
);
COMMENT ON COLUMN agents.total_tasks_completed IS
    'Accepted subtasks of a specialist; of manager, coordinator and analyst the tasks they have finished.';
COMMENT ON COLUMN agents.average_rating IS 'Mean weighted score of the accepted subtasks that have one, 0 to 10.';
COMMENT ON COLUMN agents.attempt_bounds IS
    'The most that an attempt at a step may cost, in micro-dollars by kind of step';
CREATE INDEX idx_agents_agent_type ON agents (agent_type);
CREATE INDEX idx_agents_status ON agents (status);
CREATE INDEX idx_agents_current_task ON agents (current_task_id);

-- Written with the advance that accepts something and folded into agents by the sweep, so that nobody counts all
-- subtasks and no advance waits for an agent's row.
CREATE TABLE agent_tallies (
    tally_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    agent_type VARCHAR(50) NOT NULL,
    completed INTEGER NOT NULL,
    ratings INTEGER NOT NULL,
    rating_total DOUBLE PRECISION NOT NULL,
    counted_at TIMESTAMPTZ NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
COMMENT ON TABLE agent_tallies IS
    'What agents have completed since their rows were last brought up to date: at most about a minute.';

-- The status cancelled is none of the specification's six, which has it for tasks only: of a subtask whose task was
-- cancelled, failed would say that somebody had tried and could not, and the others that it will go on.
CREATE TABLE subtasks (
    subtask_id VARCHAR(50) PRIMARY KEY,
    task_id VARCHAR(50) NOT NULL REFERENCES tasks (task_id) ON DELETE CASCADE,
    parent_subtask_id VARCHAR(50) REFERENCES subtasks (subtask_id) ON DELETE CASCADE,
    assigned_agent_id VARCHAR(50) REFERENCES agents (agent_id) ON DELETE SET NULL,
    title VARCHAR(500) NOT NULL,
    description TEXT NOT NULL,
    requirements JSONB,
    status VARCHAR(50) NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'assigned', 'in_progress', 'completed', 'failed', 'needs_revision', 'cancelled')),
    priority INTEGER NOT NULL DEFAULT 0,
    result TEXT,
    result_metadata JSONB,
    acceptance_status VARCHAR(20) CHECK (acceptance_status IN ('accepted', 'rejected', 'needs_revision')),
    manager_feedback TEXT,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    started_at TIMESTAMPTZ,
    completed_at TIMESTAMPTZ,
    plan_number INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    plan_key VARCHAR(200) NOT NULL,
    depends_on TEXT[] NOT NULL DEFAULT '{}',
    deliverable TEXT NOT NULL DEFAULT '',
    is_complex BOOLEAN NOT NULL DEFAULT FALSE,
    is_partial BOOLEAN NOT NULL DEFAULT FALSE,
    cycle INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL DEFAULT 0,
    current_step_id BIGINT,
    latest_solution_step_id BIGINT,
    best_solution_step_id BIGINT,
    best_score DOUBLE PRECISION,
    review_step_id BIGINT,
    tried_agents TEXT[] NOT NULL DEFAULT '{}',
    failure TEXT,
    best_review_step_id BIGINT,
    review_step_ids BIGINT[] NOT NULL DEFAULT '{}',
    is_shortened BOOLEAN NOT NULL DEFAULT FALSE
) WITH (toast_tuple_target = 256, fillfactor = 60);
CREATE INDEX idx_subtasks_task ON subtasks (task_id, plan_number, ordinal);
CREATE INDEX idx_subtasks_assigned_agent ON subtasks (assigned_agent_id);
CREATE INDEX idx_subtasks_parent ON subtasks (parent_subtask_id) WHERE parent_subtask_id IS NOT NULL;

-- Written once and judged once: kept in the row as long as they are short, solutions need neither compression nor a
-- second table. The specification's ON DELETE SET NULL on agent_id contradicts its NOT NULL; agents that have written
-- solutions cannot be deleted.
CREATE TABLE solutions (
    solution_id VARCHAR(50) PRIMARY KEY,
    task_id VARCHAR(50) NOT NULL REFERENCES tasks (task_id) ON DELETE CASCADE,
    subtask_id VARCHAR(50) REFERENCES subtasks (subtask_id) ON DELETE CASCADE,
    agent_id VARCHAR(50) NOT NULL REFERENCES agents (agent_id),
    solution_type VARCHAR(50) NOT NULL
        CHECK (solution_type IN ('subtask', 'coordination', 'synthesis', 'final')),
    content TEXT NOT NULL,
    metadata JSONB,
    version INTEGER NOT NULL DEFAULT 1,
    is_accepted BOOLEAN NOT NULL DEFAULT FALSE,
    acceptance_feedback TEXT,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    step_id BIGINT,
    UNIQUE (step_id)
) WITH (fillfactor = 75);
CREATE INDEX idx_solutions_task ON solutions (task_id, solution_type);
CREATE INDEX idx_solutions_subtask ON solutions (subtask_id);

-- History, like the ledger below.
CREATE TABLE interactions (
    interaction_id VARCHAR(50) PRIMARY KEY,
    task_id VARCHAR(50) NOT NULL REFERENCES tasks (task_id) ON DELETE CASCADE,
    agent_id VARCHAR(50),
    interaction_type VARCHAR(50) NOT NULL,
    action VARCHAR(100) NOT NULL,
    description TEXT,
    metadata JSONB,
    timestamp TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX idx_interactions_task ON interactions (task_id, timestamp);
CREATE INDEX idx_interactions_timestamp ON interactions USING brin (timestamp);

CREATE TABLE revisions (
    revision_id VARCHAR(50) PRIMARY KEY,
    task_id VARCHAR(50) NOT NULL REFERENCES tasks (task_id) ON DELETE CASCADE,
    revision_request TEXT NOT NULL,
    specific_areas JSONB,
    priority VARCHAR(20) NOT NULL DEFAULT 'medium',
    status VARCHAR(50) NOT NULL DEFAULT 'pending',
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    completed_at TIMESTAMPTZ,
    scope VARCHAR(30),
    -- The revision's own place in its flow: with another priority, that of the task stands on another clock.
    fair_tag BIGINT
);
CREATE INDEX idx_revisions_task ON revisions (task_id);
CREATE INDEX idx_revisions_status ON revisions (status);

-- The ledger. What is not known is NULL, with what is expected and the most it may be beside it.
--
-- It is history: what was paid stays explained when its task or agent is gone, so a deletion must not take the name
-- away (the specification's ON DELETE SET NULL would). Every row is written from its step's row in the same statement,
-- which leaves nothing for a check per row to find; each such check costs a lookup, and a lock on the task's or agent's
-- row that all workers' transactions share.
--
-- Money has room for the worst that a catalogue's prices and a provider's counts can make of it: a bound that does not
-- fit would keep lost steps from being taken over.
CREATE TABLE ai_api_usage (
    usage_id BIGSERIAL PRIMARY KEY,
    task_id VARCHAR(50),
    agent_id VARCHAR(50),
    provider VARCHAR(50) NOT NULL,
    model VARCHAR(100) NOT NULL,
    prompt_tokens INTEGER,
    completion_tokens INTEGER,
    total_tokens INTEGER,
    cost_usd DECIMAL(20,6),
    timestamp TIMESTAMPTZ NOT NULL DEFAULT now(),
    step_id BIGINT NOT NULL,
    attempt INTEGER NOT NULL,
    call_number SMALLINT NOT NULL,
    outcome VARCHAR(30) NOT NULL,
    http_status SMALLINT,
    cache_read_tokens INTEGER,
    cache_write_tokens INTEGER,
    provider_request_id VARCHAR(200),
    duration_ms INTEGER,
    kind VARCHAR(30) NOT NULL,
    purpose VARCHAR(20) NOT NULL DEFAULT 'work',
    cost_basis VARCHAR(10) NOT NULL
        CONSTRAINT ai_api_usage_basis CHECK (cost_basis IN ('reported', 'estimated', 'ambiguous', 'none')),
    estimate_usd DECIMAL(20,6),
    hold_usd DECIMAL(20,6),
    estimated_input_tokens INTEGER,
    estimated_output_tokens INTEGER,
    reasoning_tokens INTEGER,
    service_tier VARCHAR(30),
    price_id VARCHAR(180),
    price_rates VARCHAR(120),
    prompt_version VARCHAR(40),
    cuts JSONB,
    UNIQUE (step_id, attempt, call_number),
    CONSTRAINT ai_api_usage_proof CHECK ((cost_basis IN ('reported', 'none')) = (cost_usd IS NOT NULL))
);
COMMENT ON COLUMN ai_api_usage.kind IS 'Kind of the step that the call was made for';
COMMENT ON COLUMN ai_api_usage.purpose IS 'work, or repair: the answer before it could not be used';
COMMENT ON COLUMN ai_api_usage.outcome IS
    'succeeded, invalid_answer, a failure code, lost: the worker died and the call may have been paid, or resolved: '
    'lost at first, its calls were booked later';
COMMENT ON COLUMN ai_api_usage.cost_basis IS
    'reported: from the provider''s usage; estimated: the call was sent, its usage was not told; ambiguous: it may '
    'have been sent; none: certainly not billed';
COMMENT ON COLUMN ai_api_usage.prompt_tokens IS 'As reported, cached tokens included; NULL: not reported';
COMMENT ON COLUMN ai_api_usage.completion_tokens IS 'As reported, reasoning included; NULL: not reported';
COMMENT ON COLUMN ai_api_usage.cache_read_tokens IS 'Part of prompt_tokens, else of estimated_input_tokens';
COMMENT ON COLUMN ai_api_usage.cache_write_tokens IS 'Part of prompt_tokens, else of estimated_input_tokens';
COMMENT ON COLUMN ai_api_usage.reasoning_tokens IS 'Part of completion_tokens; NULL: not told apart';
COMMENT ON COLUMN ai_api_usage.cost_usd IS 'What is proved; NULL unless reported or none. Never an estimate';
COMMENT ON COLUMN ai_api_usage.estimate_usd IS 'What is expected, where nothing is proved';
COMMENT ON COLUMN ai_api_usage.hold_usd IS 'The most it may have cost, where nothing is proved';
COMMENT ON COLUMN ai_api_usage.price_id IS 'Price that was used: model/first day/largest prompt of its band/tier';
COMMENT ON COLUMN ai_api_usage.price_rates IS
    'USD per million tokens: input, cache read, cache write, output, then x and the factor of the tier';
COMMENT ON COLUMN ai_api_usage.cuts IS 'What was left out of the prompt for space';
CREATE INDEX idx_ai_api_usage_task ON ai_api_usage (task_id);
CREATE INDEX idx_ai_api_usage_provider ON ai_api_usage (provider, timestamp);
CREATE INDEX idx_ai_api_usage_timestamp ON ai_api_usage USING brin (timestamp);

CREATE SEQUENCE step_ids INCREMENT BY 64;
CREATE TABLE steps (
    step_id BIGINT PRIMARY KEY,
    task_id VARCHAR(50) NOT NULL,
    subtask_id VARCHAR(50),
    kind VARCHAR(30) NOT NULL,
    agent_type VARCHAR(50) NOT NULL,
    state VARCHAR(12) NOT NULL
        CHECK (state IN ('ready', 'dispatched', 'running', 'parked', 'succeeded', 'failed', 'cancelled', 'dead')),
    priority SMALLINT NOT NULL,
    fair_tag BIGINT NOT NULL,
    cancel_epoch INTEGER NOT NULL DEFAULT 0,
    attempt INTEGER NOT NULL DEFAULT 0,
    failures SMALLINT NOT NULL DEFAULT 0,
    throttles SMALLINT NOT NULL DEFAULT 0,
    crashes SMALLINT NOT NULL DEFAULT 0,
    reissues SMALLINT NOT NULL DEFAULT 0,
    lost_attempt INTEGER,
    worker_id BIGINT,
    wait_reason VARCHAR(30),
    error TEXT,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    not_before TIMESTAMPTZ,
    dispatched_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ,
    finished_at TIMESTAMPTZ
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
COMMENT ON TABLE steps IS 'One agent''s piece of work: the unit of queue work. Narrow on purpose: it changes often.';
CREATE INDEX idx_steps_ready ON steps (agent_type, priority, fair_tag, step_id) WHERE state = 'ready';
CREATE INDEX idx_steps_dispatched ON steps (agent_type, dispatched_at) WHERE state = 'dispatched';
CREATE INDEX idx_steps_running ON steps (worker_id) WHERE state = 'running';
CREATE INDEX idx_steps_parked ON steps (not_before) WHERE state = 'parked';
-- What waits for capacity is found by agent type and priority, whatever it waits for.
CREATE INDEX idx_steps_waiting ON steps (agent_type, priority, wait_reason) WHERE state = 'parked';
CREATE INDEX idx_steps_task ON steps (task_id);

CREATE TABLE step_inputs (
    step_id BIGINT PRIMARY KEY,
    input JSONB NOT NULL
);
CREATE TABLE step_results (
    step_id BIGINT PRIMARY KEY,
    output JSONB NOT NULL
);

CREATE TABLE task_wakeups (
    wakeup_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    task_id VARCHAR(50) NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
COMMENT ON TABLE task_wakeups IS 'Tasks that something happened to: written with the outcome, deleted with the advance.';

CREATE TABLE events (
    task_id VARCHAR(50) NOT NULL,
    seq BIGINT NOT NULL,
    type VARCHAR(40) NOT NULL,
    payload JSONB NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (task_id, seq)
);
COMMENT ON TABLE events IS 'A task''s stream: seq counts 1, 2, 3, ... without gaps, given under the task''s row lock.';

CREATE TABLE dead_letters (
    dead_letter_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    step_id BIGINT,
    task_id VARCHAR(50),
    subtask_id VARCHAR(50),
    agent_type VARCHAR(50) NOT NULL,
    reason VARCHAR(40) NOT NULL,
    error TEXT,
    attempt INTEGER,
    payload JSONB,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    resolved_at TIMESTAMPTZ,
    resolution VARCHAR(30)
);
CREATE INDEX idx_dead_letters_open ON dead_letters (agent_type, created_at) WHERE resolved_at IS NULL;
CREATE INDEX idx_dead_letters_step ON dead_letters (step_id);

CREATE TABLE workers (
    worker_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name VARCHAR(100) NOT NULL,
    agent_types TEXT[] NOT NULL,
    slots INTEGER NOT NULL,
    running INTEGER NOT NULL DEFAULT 0,
    state VARCHAR(12) NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'draining', 'retired', 'lost')),
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    heartbeat_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    circuits JSONB
) WITH (fillfactor = 50);
COMMENT ON COLUMN workers.circuits IS
    'Models and providers that the worker does not call at present, each with its reason; null: none so far.';

CREATE TABLE circuit_resets (
    reset_number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider VARCHAR(50),
    model VARCHAR(100),
    requested_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
COMMENT ON TABLE circuit_resets IS
    'Operators'' wishes to close circuits at once; every worker reads them with its heartbeat. Kept for an hour.';

-- Nothing is dispatched to a queue that nobody serves.
CREATE TABLE agent_queues (
    agent_type VARCHAR(50) PRIMARY KEY,
    is_paused BOOLEAN NOT NULL DEFAULT FALSE,
    ticket_window INTEGER NOT NULL DEFAULT 64 CHECK (ticket_window > 0),
    retired_at TIMESTAMPTZ
) WITH (fillfactor = 50);
COMMENT ON COLUMN agent_queues.ticket_window IS
    'Tickets outstanding at most: the slots of the live workers of the type. Set by the sweep.';
COMMENT ON COLUMN agent_queues.retired_at IS
    'When the type left the catalogue; its open steps fail a minute later, and the workflow goes another way.';

-- Counted once every few seconds for all schedulers.
CREATE TABLE queue_loads (
    agent_type VARCHAR(50) NOT NULL,
    state VARCHAR(12) NOT NULL,
    steps BIGINT NOT NULL,
    counted_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (agent_type, state)
);
COMMENT ON TABLE queue_loads IS
    'Open steps, at most some seconds old; new tasks count as ready steps of the type that they begin with.';

CREATE TABLE fair_clocks (
    priority SMALLINT PRIMARY KEY,
    virtual_time BIGINT NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
INSERT INTO fair_clocks (priority) VALUES (0), (1), (2), (3);
CREATE TABLE fair_flows (
    priority SMALLINT NOT NULL,
    flow VARCHAR(120) NOT NULL,
    last_tag BIGINT NOT NULL,
    PRIMARY KEY (priority, flow)
);
COMMENT ON TABLE fair_flows IS
    'Start-time fair queueing of tasks: a flow is a user and a batch; each task gets the next tag of its flow.';

CREATE TABLE provider_limits (
    provider VARCHAR(50) NOT NULL,
    limit_class VARCHAR(100) NOT NULL DEFAULT '*',
    requests_per_minute INTEGER CHECK (requests_per_minute > 0),
    tokens_per_minute INTEGER CHECK (tokens_per_minute > 0),
    input_tokens_per_minute INTEGER CHECK (input_tokens_per_minute > 0),
    output_tokens_per_minute INTEGER CHECK (output_tokens_per_minute > 0),
    concurrency INTEGER CHECK (concurrency > 0),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (provider, limit_class)
);
COMMENT ON TABLE provider_limits IS 'Operators'' limits; class * holds for all classes without a row. Null: unlimited.';

CREATE TABLE api_keys (
    key_hash BYTEA PRIMARY KEY,
    name VARCHAR(100) NOT NULL,
    role VARCHAR(20) NOT NULL CHECK (role IN ('user', 'admin', 'system')),
    user_id VARCHAR(50),
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    revoked_at TIMESTAMPTZ
);
