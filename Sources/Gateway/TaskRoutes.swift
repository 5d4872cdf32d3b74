import FleetCore
import FleetMetrics
import FleetTracing
import Hummingbird
import JSON

/// What owners do with tasks.
struct TaskRoutes: Sendable {
    let configuration: GatewayConfiguration
    let dependencies: GatewayDependencies

    private var tasks: any TaskRepository { dependencies.tasks }

    func add(to group: RouterGroup<GatewayContext>) {
        group.post("tasks", use: create)
        group.post("tasks:batch", use: createMany)
        group.get("tasks", use: list)
        group.get("tasks/:id", use: detail)
        group.delete("tasks/:id", use: cancel)
        group.get("tasks/:id/result", use: result)
        group.get("tasks/:id/receipt", use: receipt)
        group.get("tasks/:id/events", use: events)
        group.post("tasks/:id/revise", use: revise)
        group.post("tasks/:id/retry", use: retry)
    }

    // MARK: Handing in

    @Sendable private func create(_ request: Request, context: GatewayContext) async throws -> Response {
        let principal = try context.requirePrincipal()
        let submission = try TaskSubmission.validate(await request.json(limit: configuration.bodyLimit))
        // Without a name of its own a single task is a new one each time.
        let task = NewTask(
            userID: try principal.userID(for: submission), keyed: submission, occurrence: submission.occurrence)
        guard let written = try await tasks.submit([task]).first else {
            throw GatewayError.defect("the store returned no task")
        }
        guard !written.differs else { throw GatewayError.differs(task) }
        dependencies.wakeScheduler()
        dependencies.metrics.submitted([task], .single)
        context.subject.isAbout(
            .init(id: written.id, createdAt: written.createdAt, isReplayed: written.isReplayed))
        let body: JSONValue = [
            "task_id": .string(written.id), "status": .string(TaskStatus.pending.rawValue),
            "created_at": .time(written.createdAt), "estimated_completion": .time(written.estimatedCompletion),
        ]
        return .json(body, status: .created, headers: [.location: "/api/v1/tasks/\(written.id)"])
    }

    /// The answer begins before the body has ended; what goes wrong later is said in the lines.
    @Sendable private func createMany(_ request: Request, context: GatewayContext) async throws -> Response {
        let principal = try context.requirePrincipal()
        try request.requireContentType([
            "application/x-ndjson", "application/jsonl", "application/x-jsonlines", "application/ndjson",
        ])
        _ = try principal.owner()
        let batch = try request.query("batch").map { name throws(ValidationError) in
            try TaskSubmission.validate(batch: name)
        }
        let choice = try request.query("answers").map { name throws(GatewayError) in
            guard let choice = BulkAnswers.Choice(rawValue: name) else {
                let names = BulkAnswers.Choice.allCases.map(\.rawValue).joined(separator: ", ")
                throw .badRequest("Invalid query", details: ["answers": .string("must be one of \(names)")])
            }
            return choice
        }
        try await tasks.check()
        let submission = BulkSubmission(
            configuration: configuration, dependencies: dependencies, principal: principal, batch: batch,
            options: try BatchParameters.options(request, batch: batch), choice: choice ?? .all,
            facts: RequestFacts(request, context, status: HTTPResponse.Status.ok.code))
        let body = request.body
        return Response(
            status: .ok, headers: [.contentType: "application/x-ndjson", .cacheControl: "no-store"],
            body: ResponseBody { writer in
                try await submission.run(body, &writer)
                try await writer.finish(nil)
            })
    }

    // MARK: Looking

    @Sendable private func list(_ request: Request, context: GatewayContext) async throws -> Response {
        let owner = try context.requirePrincipal().owner()
        var parameters = try ListParameters(request.query)
        if let owner {
            guard parameters.query.userID == nil || parameters.query.userID == owner else {
                throw GatewayError.forbidden("This API key sees the tasks of its own user only")
            }
            parameters.query.userID = owner
        }
        let query = parameters.query
        let page = try await tasks.list(query)
        let body: JSONValue = [
            "tasks": .array(page.tasks.map(\.json)),
            "pagination": [
                "page": .integer(parameters.page), "limit": .integer(query.limit), "total": .integer(page.total),
                "pages": .integer((page.total + query.limit - 1) / query.limit),
            ],
            "next_cursor": page.next.map { .string($0.opaque) } ?? .null,
        ]
        return .json(body)
    }

    @Sendable private func detail(_ request: Request, context: GatewayContext) async throws -> Response {
        let owner = try context.requirePrincipal().owner()
        return .json(try await tasks.detail(of: try Self.taskID(context), owner: owner).json)
    }

    @Sendable private func result(_ request: Request, context: GatewayContext) async throws -> Response {
        let owner = try context.requirePrincipal().owner()
        let (task, answer) = try await tasks.result(of: try Self.taskID(context), owner: owner)
        guard let body = task.resultJSON(answer) else {
            throw GatewayError.conflict(
                "The task is not finished: it is \(task.status.rawValue)",
                details: [
                    "status": .string(task.status.rawValue), "progress": .integer(task.progress),
                    "current_stage": .string(task.stage),
                ])
        }
        return .json(body)
    }

    @Sendable private func receipt(_ request: Request, context: GatewayContext) async throws -> Response {
        let owner = try context.requirePrincipal().owner()
        return .json(try await tasks.receipt(of: try Self.taskID(context), owner: owner).json)
    }

    @Sendable private func events(_ request: Request, context: GatewayContext) async throws -> Response {
        let owner = try context.requirePrincipal().owner()
        let taskID = try Self.taskID(context)
        var after = 0
        if let text = request.query("after") {
            guard let number = Int(text), number >= 0 else {
                throw GatewayError.badRequest("Invalid query", details: ["after": "must be a whole number from 0 on"])
            }
            after = number
        }
        let events = try await tasks.events(of: taskID, owner: owner, after: after, limit: configuration.eventLimit)
        var writer = JSONWriter(reservingCapacity: 256 * (events.count + 1))
        writer.object { writer in
            writer.key("task_id")
            writer.write(taskID)
            writer.key("events")
            writer.array { writer in
                for event in events { writer.write(json: event.payload) }
            }
            writer.key("next_after")
            writer.write(events.last?.sequence ?? after)
        }
        return .json(writer)
    }

    // MARK: Changing

    @Sendable private func revise(_ request: Request, context: GatewayContext) async throws -> Response {
        let owner = try context.requirePrincipal().owner()
        let revision = try RevisionRequest.validate(await request.json(limit: configuration.bodyLimit))
        let change = try await tasks.revise(try Self.taskID(context), owner: owner, revision)
        dependencies.metrics.asked(.revise)
        publish(change)
        return .json([
            "task_id": .string(change.taskID), "revision_id": .optional(change.revisionID),
            "status": .string(change.status.rawValue),
            "estimated_completion": .optionalTime(change.estimatedCompletion),
        ])
    }

    @Sendable private func retry(_ request: Request, context: GatewayContext) async throws -> Response {
        let owner = try context.requirePrincipal().owner()
        let change = try await tasks.retry(try Self.taskID(context), owner: owner)
        dependencies.metrics.asked(.retry)
        publish(change)
        return .json([
            "task_id": .string(change.taskID), "status": .string(change.status.rawValue), "retry_requested": true,
            "message": "The failed parts will be tried again",
            "estimated_completion": .optionalTime(change.estimatedCompletion),
        ])
    }

    @Sendable private func cancel(_ request: Request, context: GatewayContext) async throws -> Response {
        let owner = try context.requirePrincipal().owner()
        let change = try await tasks.cancel(try Self.taskID(context), owner: owner)
        publish(change)
        context.subject.isAbout(.init(id: change.taskID, endedTaskOf: change.endedTaskOf))
        let cancelled = change.cancelled ?? .task
        dependencies.metrics.asked(.cancel)
        if cancelled == .task { dependencies.metrics.cancelled() }
        var body = JSONObject()
        body["task_id"] = .string(change.taskID)
        body["status"] = .string(change.status.rawValue)
        if let id = change.revisionID { body["revision_id"] = .string(id) }
        body["cancelled"] = .string(cancelled.rawValue)
        body["message"] = .string(cancelled.message)
        return .json(.object(body))
    }

    private func publish(_ change: TaskChange) {
        dependencies.wakeScheduler()
        if !change.events.isEmpty { dependencies.announce(change.taskID, change.events) }
    }

    /// Anything that can be no id of a task is treated as one that nobody has.
    private static func taskID(_ context: GatewayContext) throws(GatewayError) -> String {
        guard let id = context.parameters.get("id"), (1...50).contains(id.utf8.count),
            id.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw .notFound("There is no such task") }
        context.subject.isAbout(.init(id: id))
        return id
    }
}

extension TaskChange.Cancelled {
    /// What its owner is told.
    fileprivate var message: String {
        switch self {
        case .task: "Task cancelled successfully"
        case .revision: "Revision cancelled"
        case .retry: "Retry cancelled"
        }
    }
}
