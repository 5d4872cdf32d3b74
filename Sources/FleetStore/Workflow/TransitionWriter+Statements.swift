import FleetCore
import JSON
import PostgresClient

extension TransitionWriter {
    /// What an advance writes, each for all tasks of a batch.
    enum Statements {
        /// Long columns are written only when they change: given anew they would be compressed and stored anew each time.
        /// Null leaves them, a JSON null clears them. A stage of null is the one before. What the task could go back to is
        /// forgotten with its end.
        static let updateTasks = TableStatement<TaskChange>(
            "update_tasks",
            [
                .text("task_id", \.task.id), .text("status", \.advance.status.rawValue),
                .text("state", \.task.state.rawValue), .int4("progress", \.task.progress),
                .int8("current_step_id", \.task.currentStepID), .jsonb("analysis", \.analysis),
                .jsonb("selection", \.selection), .int4("plan_number", \.task.planNumber),
                .int4("last_plan_number", \.task.lastPlanNumber), .int4("plan_repairs", \.task.planRepairs),
                .int4("final_revisions", \.task.finalRevisions), .int8("analysis_step_id", \.task.analysisStepID),
                .int8("coordination_step_id", \.task.coordinationStepID),
                .int8("synthesis_step_id", \.task.synthesisStepID), .int4("answer_version", \.task.answerVersion),
                .text("active_revision_id", \.task.revision?.id), .strings("limitations", \.task.limitations),
                .text("failure", \.advance.failure), .int8("event_seq", \.eventSequence),
                .bool("is_terminal", \.advance.status.isTerminal),
                .int8("final_review_step_id", \.task.finalReviewStepID), .text("stage", \.task.state.stage?.rawValue),
                .text("preferred_model", \.task.preferredModel),
            ]
        ) { v in
            """
            UPDATE tasks t SET status = v.status, workflow_state = v.state,
                current_stage = coalesce(v.stage, t.current_stage),
                progress = v.progress, current_step_id = v.current_step_id,
                analysis = CASE WHEN v.analysis IS NULL THEN t.analysis ELSE nullif(v.analysis, 'null') END,
                selection = CASE WHEN v.selection IS NULL THEN t.selection ELSE nullif(v.selection, 'null') END,
                plan_number = v.plan_number, last_plan_number = v.last_plan_number,
                plan_repairs = v.plan_repairs, final_revisions = v.final_revisions,
                analysis_step_id = v.analysis_step_id, coordination_step_id = v.coordination_step_id,
                synthesis_step_id = v.synthesis_step_id, answer_version = v.answer_version,
                active_revision_id = v.active_revision_id, retry_requested = FALSE, limitations = v.limitations,
                failure = v.failure, event_seq = v.event_seq, final_review_step_id = v.final_review_step_id,
                preferred_model = v.preferred_model, updated_at = now(),
                completed_at = CASE WHEN v.is_terminal THEN coalesce(t.completed_at, now()) END,
                checkpoint = CASE WHEN v.is_terminal THEN NULL ELSE t.checkpoint END, result_number = NULL
            FROM \(v)
            WHERE t.task_id = v.task_id
            """
        }

        static let insertSubtasks = TableStatement<(new: NewSubtask, task: TaskRecord)>(
            "insert_subtasks",
            [
                .text("subtask_id", \.new.record.id), .text("task_id", \.task.id),
                .text("agent", \.new.record.specialist), .text("title", \.new.record.title),
                .text("description", \.new.node.description), .strings("requirements", \.new.node.covers),
                .text("status", \.new.record.status.rawValue), .int4("priority", \.new.record.priority.rank),
                .int4("plan_number", \.task.planNumber), .int4("ordinal", \.new.ordinal),
                .text("plan_key", \.new.record.key), .strings("depends_on", \.new.record.dependencies),
                .text("deliverable", \.new.node.deliverable), .bool("is_complex", \.new.record.isComplex),
                .int8("current_step_id", \.new.record.currentStepID),
                .text("acceptance", \.new.record.acceptance?.rawValue), .text("failure", \.new.record.failure),
            ]
        ) { v in
            """
            INSERT INTO subtasks (subtask_id, task_id, assigned_agent_id, title, description, requirements, status, priority,
                                  plan_number, ordinal, plan_key, depends_on, deliverable, is_complex, current_step_id,
                                  acceptance_status, failure)
            SELECT v.subtask_id, v.task_id, v.agent, v.title, v.description, v.requirements, v.status, v.priority,
                   v.plan_number, v.ordinal, v.plan_key, ARRAY(SELECT jsonb_array_elements_text(v.depends_on)),
                   v.deliverable, v.is_complex, v.current_step_id, v.acceptance, v.failure
            FROM \(v)
            """
        }

        /// Whole rows, from what was read under the task's lock. Claims do not take that lock: what one of them has said
        /// meanwhile about the step that the row still waits for holds, and only they write `started_at`.
        static let updateSubtasks = TableStatement<(record: SubtaskRecord, feedback: String?)>(
            "update_subtasks",
            [
                .text("subtask_id", \.record.id), .text("agent", \.record.specialist),
                .text("status", \.record.status.rawValue), .text("acceptance", \.record.acceptance?.rawValue),
                .bool("is_partial", \.record.isPartial), .int4("cycle", \.record.cycle),
                .int8("current_step_id", \.record.currentStepID), .int4("version", \.record.version),
                .int8("latest", \.record.latestSolutionStepID), .int8("best", \.record.bestSolutionStepID),
                .float8("best_score", \.record.bestScore), .int8("review_step_id", \.record.reviewStepID),
                .text("failure", \.record.failure), .strings("tried", \.record.triedSpecialists),
                .text("feedback", \.feedback), .int8("best_review", \.record.bestReviewStepID),
                .jsonb("reviews") { JSONValue.array($0.record.reviewStepIDs.map { .integer($0) }).serialized() },
                .bool("is_shortened", \.record.isShortened),
            ]
        ) { v in
            """
            UPDATE subtasks s SET assigned_agent_id = v.agent,
                status = CASE WHEN s.status = 'in_progress' AND v.status IN ('assigned', 'needs_revision')
                                  AND s.current_step_id = v.current_step_id
                              THEN s.status ELSE v.status END,
                acceptance_status = v.acceptance,
                is_partial = v.is_partial, cycle = v.cycle, current_step_id = v.current_step_id, version = v.version,
                latest_solution_step_id = v.latest, best_solution_step_id = v.best, best_score = v.best_score,
                review_step_id = v.review_step_id, failure = v.failure,
                manager_feedback = coalesce(v.feedback, s.manager_feedback),
                tried_agents = ARRAY(SELECT jsonb_array_elements_text(v.tried)), updated_at = now(),
                best_review_step_id = v.best_review, is_shortened = v.is_shortened,
                review_step_ids = ARRAY(SELECT jsonb_array_elements_text(v.reviews)::int8),
                result = CASE WHEN v.status = 'completed' AND v.acceptance = 'accepted'
                    THEN (SELECT left(content, 2000) FROM solutions WHERE step_id = v.best) END,
                result_metadata = CASE WHEN v.status = 'completed'
                    THEN jsonb_build_object('solution_id', 'sol_' || v.best, 'score', v.best_score,
                                            'partial', v.is_partial) END,
                completed_at = CASE WHEN v.status IN ('completed', 'failed') THEN coalesce(s.completed_at, now()) END
            FROM \(v)
            WHERE s.subtask_id = v.subtask_id
            """
        }

        static let insertSteps = TableStatement<(new: NewStep, task: LoadedTask, fairTag: Int)>(
            "insert_steps",
            [
                .int8("step_id", \.new.id), .text("task_id", \.task.snapshot.task.id),
                .text("subtask_id", \.new.subtaskID), .text("kind", \.new.kind.rawValue),
                .text("agent_type", \.new.agentType), .int4("priority", \.new.priority.rank),
                .int8("fair_tag", \.fairTag), .int4("cancel_epoch", \.task.cancelEpoch),
                .text("input") { $0.new.input.json.serialized() },
            ]
        ) { v in
            """
            WITH v AS (SELECT * FROM \(v)),
            inputs AS (INSERT INTO step_inputs (step_id, input) SELECT step_id, input FROM v)
            INSERT INTO steps (step_id, task_id, subtask_id, kind, agent_type, state, priority, fair_tag, cancel_epoch)
            SELECT step_id, task_id, subtask_id, kind, agent_type, 'ready', priority, fair_tag, cancel_epoch FROM v
            """
        }

        static let judgeSolutions = TableStatement<SolutionVerdict>(
            "judge_solutions",
            [
                .int8("step_id", \.stepID), .bool("accepted") { $0.verdict == .accepted },
                .text("feedback", \.feedback), .float8("score", \.score), .bool("is_partial", \.isPartial),
                .text("verdict", \.verdict.rawValue), .strings("adjusted_by", \.adjustedBy),
            ]
        ) { v in
            """
            UPDATE solutions s SET is_accepted = v.accepted, acceptance_feedback = v.feedback,
                metadata = coalesce(s.metadata, '{}') || jsonb_strip_nulls(jsonb_build_object(
                    'score', v.score, 'verdict', v.verdict, 'partial', v.is_partial,
                    'adjusted_by', nullif(v.adjusted_by, '[]')))
            FROM \(v)
            WHERE s.step_id = v.step_id
            """
        }

        /// The answer that the user gets: a copy of the synthesis, or the accepted solutions one after another.
        static let insertFinal = TableStatement<(taskID: String, stepID: Int, answer: FinalAnswer, sequence: Int)>(
            "insert_final",
            [
                .text("task_id", \.taskID), .int8("step_id", \.stepID), .text("agent", \.answer.agentType),
                .int4("version", \.answer.version), .strings("limitations", \.answer.limitations),
                .bool("is_partial", \.answer.isPartial), .int8("event_seq", \.sequence),
            ]
        ) { v in
            """
            WITH v AS (SELECT * FROM \(v)),
            accepted AS (UPDATE solutions SET is_accepted = TRUE FROM v WHERE solutions.step_id = v.step_id)
            INSERT INTO solutions (solution_id, task_id, agent_id, solution_type, content, metadata, version, is_accepted)
            SELECT 'sol_' || right(v.task_id, 30) || '_final_' || v.event_seq, v.task_id, v.agent, 'final',
                   coalesce(s.content, ''),
                   coalesce(s.metadata, '{}') || jsonb_build_object('limitations', v.limitations, 'partial', v.is_partial),
                   v.version, TRUE
            FROM v LEFT JOIN solutions s ON s.step_id = v.step_id
            """
        }

        static let insertAssembledFinal = PostgresStatement(
            "insert_assembled_final",
            """
            INSERT INTO solutions (solution_id, task_id, agent_id, solution_type, content, metadata, version, is_accepted)
            SELECT 'sol_' || right($1::text, 30) || '_final_' || $6::int8, $1, $2, 'final',
                   coalesce((SELECT string_agg('## ' || coalesce(u.title, '') || E'\\n\\n' || s.content, E'\\n\\n'
                                               ORDER BY array_position($3::int8[], s.step_id))
                             FROM solutions s LEFT JOIN subtasks u USING (subtask_id) WHERE s.step_id = ANY($3)), ''),
                   jsonb_build_object('limitations', $4::jsonb, 'partial', TRUE), $5, TRUE
            """)

        /// Counted by who wrote it: a subtask's specialist may have changed since its best solution.
        static let insertTallies = TableStatement<(stepID: Int, score: Double?)>(
            "insert_tallies", [.int8("step_id", \.stepID), .float8("score", \.score)]
        ) { v in
            """
            INSERT INTO agent_tallies (agent_type, completed, ratings, rating_total)
            SELECT s.agent_type, count(*), count(v.score), coalesce(sum(v.score), 0)
            FROM \(v) JOIN steps s ON s.step_id = v.step_id
            GROUP BY s.agent_type
            """
        }

        static let moveRevisions = TableStatement<RevisionChange>(
            "move_revisions",
            [
                .text("revision_id", \.id), .text("status", \.status), .text("scope", \.scope?.rawValue),
                .bool("is_finished", \.isFinished),
            ]
        ) { v in
            """
            UPDATE revisions r SET status = v.status, scope = coalesce(v.scope, r.scope),
                completed_at = CASE WHEN v.is_finished THEN now() END
            FROM \(v)
            WHERE r.revision_id = v.revision_id
            """
        }
    }
}
