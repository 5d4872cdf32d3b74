import FleetCore
import FleetMetrics
import Hummingbird
import Logging

/// What every request gets: an id, an answer in the API's form whatever goes wrong, a log line and a measurement.
struct RequestEnvelope: RouterMiddleware {
    /// Methods under their own name in the metrics: a label must not take any value that a client makes up.
    private static let known: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch, .delete, .options]

    let metrics: GatewayMetrics

    func handle(
        _ request: Request, context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        metrics.requestBegan()
        defer { metrics.requestEnded() }
        var context = context
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
        return response
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
