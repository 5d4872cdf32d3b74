extension Migration {
    /// The books are true: what is not known is NULL, with what is expected and the most it may be beside it.
    ///
    /// Rows from before are told apart as well as they can be. Of a call that was cut they say 0 tokens and 0 USD,
    /// which was never known: that becomes NULL, without an estimate.
    ///
    /// Money gets room for the worst that a catalogue's prices and a provider's counts can make of it: a bound that
    /// does not fit would keep lost steps from being taken over.
    static let books = Migration(
        number: 7, name: "books",
        sql: """
            ALTER TABLE ai_api_usage
                ALTER COLUMN prompt_tokens DROP NOT NULL,
                ALTER COLUMN completion_tokens DROP NOT NULL,
                ALTER COLUMN total_tokens DROP NOT NULL,
                ALTER COLUMN cache_read_tokens DROP NOT NULL,
                ALTER COLUMN cache_read_tokens DROP DEFAULT,
                ALTER COLUMN cache_write_tokens DROP NOT NULL,
                ALTER COLUMN cache_write_tokens DROP DEFAULT,
                ADD COLUMN kind VARCHAR(30),
                ADD COLUMN purpose VARCHAR(20) NOT NULL DEFAULT 'work',
                ADD COLUMN cost_basis VARCHAR(10),
                ALTER COLUMN cost_usd TYPE DECIMAL(20,6),
                ADD COLUMN estimate_usd DECIMAL(20,6),
                ADD COLUMN hold_usd DECIMAL(20,6),
                ADD COLUMN estimated_input_tokens INTEGER,
                ADD COLUMN estimated_output_tokens INTEGER,
                ADD COLUMN reasoning_tokens INTEGER,
                ADD COLUMN service_tier VARCHAR(30),
                ADD COLUMN price_id VARCHAR(180),
                ADD COLUMN price_rates VARCHAR(120),
                ADD COLUMN prompt_version VARCHAR(40),
                ADD COLUMN cuts JSONB;

            UPDATE ai_api_usage u SET
                kind = coalesce((SELECT s.kind FROM steps s WHERE s.step_id = u.step_id), 'unknown'),
                cost_basis = CASE WHEN outcome = 'lost' THEN 'ambiguous'
                                  WHEN http_status >= 300 THEN 'none'
                                  WHEN completion_tokens > 0 AND outcome IN ('succeeded', 'invalid_answer', 'refused')
                                      THEN 'reported'
                                  ELSE 'estimated' END;
            UPDATE ai_api_usage SET cost_usd = coalesce(cost_usd, 0) WHERE cost_basis = 'reported';
            UPDATE ai_api_usage SET prompt_tokens = NULL, completion_tokens = NULL, total_tokens = NULL,
                cache_read_tokens = NULL, cache_write_tokens = NULL, cost_usd = CASE WHEN cost_basis = 'none' THEN 0 END
            WHERE cost_basis <> 'reported';

            ALTER TABLE ai_api_usage
                ALTER COLUMN kind SET NOT NULL,
                ALTER COLUMN cost_basis SET NOT NULL,
                ADD CONSTRAINT ai_api_usage_basis CHECK (cost_basis IN ('reported', 'estimated', 'ambiguous', 'none')),
                ADD CONSTRAINT ai_api_usage_proof CHECK ((cost_basis IN ('reported', 'none')) = (cost_usd IS NOT NULL));
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

            ALTER TABLE agents ADD COLUMN attempt_bounds JSONB;
            COMMENT ON COLUMN agents.attempt_bounds IS
                'The most that an attempt at a step may cost, in micro-dollars by kind of step';
            """)
}
