import FleetCore
import FleetTracing
import Foundation
import FoundationNetworking
import PostgresClient
import TestServers
import Testing
import TraceContext

/// Traces of a whole fleet, as somebody else reads them.
@Suite(.serialized, .timeLimit(.minutes(5))) struct TraceTests {
    private static let caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    private static let secret = "sesame-open-yourself"
    private static let user = "the-user-whose-name-is-nobodys-business"

    @Test func aTaskIsOneTreeWithASpanPerCallAlsoWhenAWorkerIsKilled() async throws {
        try await TraceReceiver.run { receiver in
            let environment = [
                "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "OTEL_EXPORTER_OTLP_HEADERS": "X-Key=\(Self.secret)",
                "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test", "MIXMYAI_LOG_LEVEL": "debug",
            ]
            var whole: [TraceReceiver.Task] = []
            var disturbed: [TraceReceiver.Task] = []
            var (submitted, cancelled) = ("", "")
            try await PrivateFleet.run(workers: 2, environment: environment) { fleet in
                submitted = try await fleet.submit(traceparent: Self.caller, user: Self.user)
                let backlog = try await fleet.mixmyai(
                    ["task", "submit", "-", "--wait"], input: PrivateFleet.backlog(2))
                #expect(backlog.status == 0, "\(backlog.errors)")
                try await fleet.wait(whileThereIs: "tasks WHERE completed_at IS NULL")
                try await fleet.controlTwin(#"{"latency_ms":[2000,2500]}"#)
                cancelled = try await fleet.submit(traceparent: "nonsense", user: Self.user)
                #expect(try await fleet.mixmyai(["task", "cancel", cancelled]).status == 0)
                whole = try await fleet.tracedTasks(isWhole: true)

                let known = Set(whole.map(\.id))
                async let others = fleet.mixmyai(
                    ["task", "submit", "-", "--wait"], input: PrivateFleet.backlog(4))
                try fleet.kill("worker-\(try await fleet.workerInTheMiddleOfACall())")
                try await fleet.controlTwin(#"{"latency_ms":[50,150]}"#)
                #expect(try await others.status == 0)
                disturbed = try await fleet.tracedTasks(isWhole: false).filter { !known.contains($0.id) }
                try fleet.checkLogs()
            }
            // The fleet has stopped: all that it had to send is sent.
            #expect(whole.map(\.status).sorted() == ["cancelled", "completed", "completed", "completed"])
            #expect(disturbed.count == 4)
            // Calls were lost: their successors hang under the tasks as well.
            #expect(disturbed.flatMap(\.calls).contains { $0.attempt > 1 })
            let texts = ["Assess the market", "largest competitors", Self.user, Self.secret, "twin-openai", "sesame"]
            let findings = try await receiver.findings(whole + disturbed, forbidden: texts)
            #expect(findings == [])

            let spans = try await receiver.spans()
            let traces = Set((whole + disturbed).map { TaskTrace(task: $0.id).traceID.description })
            #expect(Set(spans.map(\.trace)) == traces)
            let services = Set(spans.map(\.service))
            #expect(services == ["mixmyai-gateway", "mixmyai-scheduler", "mixmyai-worker"])
            let requests = spans.filter {
                $0.attributes["mixmyai.task.id"] == .text(submitted) && $0.name.hasPrefix("POST ")
            }
            #expect(requests.map(\.links) == [[Self.caller.split(separator: "-")[1...2].map(String.init)]])
            let ofCancelled = spans.filter { $0.attributes["mixmyai.task.id"] == .text(cancelled) }
            #expect(
                ofCancelled.contains { $0.name == "DELETE /api/v1/tasks/:id" || $0.name == "DELETE /api/v1/tasks/{id}" }
            )
            #expect(ofCancelled.filter { $0.parent.isEmpty }.map(\.service) == ["mixmyai-gateway"])
        }
    }

    @Test func whatIsNotSampledIsNotSentByAnybody() async throws {
        try await TraceReceiver.run { receiver in
            let environment = [
                "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "\(receiver.url)/v1/traces",
                "OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.5",
            ]
            var tasks: [TraceReceiver.Task] = []
            try await PrivateFleet.run(workers: 1, environment: environment) { fleet in
                let backlog = try await fleet.mixmyai(
                    ["task", "submit", "-", "--wait"], input: PrivateFleet.backlog(12))
                #expect(backlog.status == 0, "\(backlog.errors)")
                tasks = try await fleet.tracedTasks(isWhole: true)
            }
            let sampled = Set(try await receiver.spans().map(\.trace))
            let recorded = tasks.filter { sampled.contains(TaskTrace(task: $0.id).traceID.description) }
            // Of each trace all or nothing, whichever process has decided.
            let findings = try await receiver.findings(recorded, forbidden: [])
            #expect(findings == [])
            let expected = tasks.filter { TaskTrace(task: $0.id).traceID.low >> 1 < 1 << 62 }
            #expect(Set(recorded.map(\.id)) == Set(expected.map(\.id)))
            #expect(sampled.count == expected.count)
        }
    }
}

extension PrivateFleet {
    /// Hands in a task over HTTP, and returns its id.
    fileprivate func submit(traceparent: String, user: String) async throws -> String {
        var request = URLRequest(url: try #require(URL(string: try setting("MIXMYAI_API_URL") + "/api/v1/tasks")))
        request.httpMethod = "POST"
        for (name, value) in [
            "Content-Type": "application/json", "X-API-Key": try setting("MIXMYAI_API_KEY"), "traceparent": traceparent,
        ] { request.setValue(value, forHTTPHeaderField: name) }
        request.httpBody = Data(
            #"{"title":"Assess the market","description":"Compare the three largest competitors.","user_id":"\#(user)"}"#
                .utf8)
        let (data, response) = try await URLSession.shared.data(for: request)
        try #require((response as? HTTPURLResponse)?.statusCode == 201)
        return try #require((try JSONSerialization.jsonObject(with: data) as? [String: Any])?["task_id"] as? String)
    }

    /// Waits in the database as long as there is such a row.
    fileprivate func wait(whileThereIs condition: String) async throws {
        try await withPool(PostgresConfiguration(url: setting("DATABASE_URL"))) { pool in
            try await pool.withSession { session in
                try session.executeSimple(
                    """
                    DO $$ BEGIN
                        WHILE EXISTS (SELECT FROM \(condition)) LOOP PERFORM pg_sleep(0.02); COMMIT; END LOOP;
                    END $$
                    """, timeout: .seconds(60))
            }
        }
    }

    /// The number of a worker that runs a step, and has for a while that is far shorter than a call takes.
    fileprivate func workerInTheMiddleOfACall() async throws -> Int {
        let recent = "state = 'running' AND clock_timestamp() - started_at BETWEEN '200 ms' AND '1 s'"
        while true {
            try await wait(whileThereIs: "(SELECT count(*) AS n FROM steps WHERE \(recent)) AS running WHERE n = 0")
            let number = try await query(
                """
                SELECT coalesce(min(substring(w.name FROM 'worker-(.*)')::int), 0)
                FROM workers w WHERE worker_id IN (SELECT worker_id FROM steps WHERE \(recent))
                """)
            if number > 0 { return number }
        }
    }

    /// Every task with its calls, but for those that were lost with their workers.
    fileprivate func tracedTasks(isWhole: Bool) async throws -> [TraceReceiver.Task] {
        // What a cancelled task had under way is settled by its worker a moment later.
        try await wait(whileThereIs: "steps WHERE state = 'running'")
        return try await withPool(PostgresConfiguration(url: setting("DATABASE_URL"))) { pool in
            try await pool.withSession { session in
                let tasks = try session.execute(
                    PostgresStatement("traced_tasks", "SELECT task_id, status FROM tasks ORDER BY task_id")
                ).map { row -> (String, String) in (try row("task_id"), try row("status")) }
                return try tasks.map { id, status in
                    let calls = try session.execute(
                        PostgresStatement(
                            "traced_calls",
                            """
                            SELECT step_id, attempt, call_number::int4 AS call_number, provider, model, outcome,
                                   prompt_tokens, completion_tokens
                            FROM ai_api_usage WHERE task_id = $1 AND outcome <> 'lost'
                            """), [.text(id)]
                    ).map { row in
                        TraceReceiver.Task.Call(
                            step: try row("step_id"), attempt: try row("attempt"), number: try row("call_number"),
                            provider: try row("provider"), model: try row("model"), outcome: try row("outcome"),
                            input: try row("prompt_tokens"), output: try row("completion_tokens"))
                    }
                    return TraceReceiver.Task(id: id, status: status, calls: calls, isWhole: isWhole)
                }
            }
        }
    }

    /// Lines about tasks have the ids of their traces, those about steps the rest as well, and none has a text of users.
    fileprivate func checkLogs() throws {
        var messages: Set<String> = []
        var ofTasks = 0
        var ofSteps = 0
        for name in ["gateway", "scheduler", "worker-1", "worker-2"] {
            let file = folder.appendingPathComponent("log/\(name).log")
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                guard let entry = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
                    continue
                }
                #expect(!line.contains("largest competitors") && !line.contains("sesame"), "\(line)")
                guard let task = entry["task_id"] as? String else {
                    #expect(entry["step_id"] == nil && entry["trace_id"] == nil, "\(line)")
                    continue
                }
                ofTasks += 1
                messages.insert(entry["message"] as? String ?? "")
                let trace = TaskTrace(task: task)
                #expect(entry["trace_id"] as? String == trace.traceID.description, "\(line)")
                guard let step = entry["step_id"] as? Int else { continue }
                ofSteps += 1
                let attempt = try #require(entry["attempt"] as? Int, "\(line)")
                #expect(
                    entry["span_id"] as? String == trace.attempt(step: step, attempt: attempt).description, "\(line)")
            }
        }
        let expected: Set = [
            "request", "task ended", "attempt ended", "call ended", "a step was taken over from a worker that is gone",
        ]
        #expect(expected.subtracting(messages) == [])
        #expect(ofTasks > 10)
        #expect(ofSteps > 10)
    }
}
