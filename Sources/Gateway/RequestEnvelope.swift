import FleetCore
import FleetMetrics
import FleetTracing
import Hummingbird
import Logging

/// What every request gets: an id, an answer in the API's form whatever goes wrong, a log line and a measurement.
struct RequestEnvelope: RouterMiddleware {
    /// Methods under their own name in the metrics: a label must not take any value that a client makes up.
    private static let known: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch, .delete, .options]

    let metrics: GatewayMetrics
    let spans: GatewaySpans

    func handle(
        _ request: Request, context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        metrics.requestBegan()
        defer { metrics.requestEnded() }
        var context = context
        context.receivedAt = spans.now
        context.requestID = Self.usable(request.headers[.requestID]) ?? RandomID.make("req_")
        context.logger[metadataKey: "request_id"] = .string(context.requestID)

        var response: Response
        var cause: String?
        do {
            // The router does not see empty segments: an id that is missing would make another route of the path.
            guard !request.uri.path.contains("//") else { throw GatewayError.notFound("There is no such route") }
            response = try await next(request, context)
        } catch {
            let failure = GatewayError(error)
            cause = failure.cause
            response = .json(failure.body(requestID: context.requestID), status: failure.status)
            for field in failure.headers { response.headers[field.name] = field.value }
        }
        response.headers[.requestID] = context.requestID

        let duration = ContinuousClock.now - start
        let endpoint = context.endpointPath ?? "NotFound"
        metrics.record(
            method: Self.known.contains(request.method) ? request.method.rawValue : "other",
            route: endpoint == "NotFound" ? "none" : endpoint,
            status: response.status.code, duration: duration)
        log(request, response, duration, cause, context)
        trace(request, response.status.code, context)
        return response
    }

    /// What was granted of what changes a task: looking at one is nothing that happens to it.
    private func trace(_ request: Request, _ status: Int, _ context: GatewayContext) {
        guard 200..<300 ~= status, [.post, .delete].contains(request.method), let task = context.subject.task else {
            return
        }
        spans.granted(
            RequestFacts(request, context, status: status), task: task.id, createdAt: task.createdAt,
            isReplayed: task.isReplayed)
        // After the request's own, which lies within it.
        if let createdAt = task.endedTaskOf { spans.cancelled(task: task.id, createdAt: createdAt) }
    }

    private func log(
        _ request: Request, _ response: Response, _ duration: Duration, _ cause: String?, _ context: GatewayContext
    ) {
        var metadata: Logger.Metadata = [
            "method": .string(request.method.rawValue), "path": .string(request.uri.path),
            "status": .stringConvertible(response.status.code),
            "duration_ms": .stringConvertible(duration.inMilliseconds),
        ]
        if let cause { metadata["cause"] = .string(cause) }
        if let task = context.subject.task { metadata.merge(TaskLogFields.of(task: task.id)) { $1 } }
        context.logger.log(level: response.status.code >= 500 ? .error : .info, "request", metadata: metadata)
    }

    /// The client's id, unless it could not stand in a log line.
    private static func usable(_ id: String?) -> String? {
        guard let id, (1...100).contains(id.utf8.count), id.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return nil
        }
        return id
    }
}

extension RequestFacts {
    init(_ request: Request, _ context: GatewayContext, status: Int) {
        self.init(
            method: request.method.rawValue, route: context.endpointPath ?? request.uri.path, path: request.uri.path,
            status: status, requestID: context.requestID, traceparent: request.headers[.traceparent],
            receivedAt: context.receivedAt)
    }
}
