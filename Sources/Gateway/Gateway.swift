import FleetCore
import FleetMetrics
import HTTPServing
package import Hummingbird
import JSON
package import Logging

/// The REST API: routes, and the application that serves them.
package struct Gateway: Sendable {
    let configuration: GatewayConfiguration
    let dependencies: GatewayDependencies

    /// Nothing listens until the application runs.
    package init(configuration: GatewayConfiguration, dependencies: GatewayDependencies) {
        self.configuration = configuration
        self.dependencies = dependencies
    }

    /// The API's routes, to which others may be added before the responder is built.
    package func router() -> Router<GatewayContext> {
        let router = Router(context: GatewayContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: RequestEnvelope(metrics: dependencies.metrics, spans: dependencies.spans))
        HealthRoutes(probes: dependencies.probes, timeout: configuration.probeTimeout).add(to: router)

        let api = router.group("api/v1")
            .add(middleware: Authentication(authenticator: Authenticator(store: dependencies.keys)))
        TaskRoutes(configuration: configuration, dependencies: dependencies).add(to: api)
        AgentRoutes(tasks: dependencies.tasks).add(to: api)
        return router
    }

    /// The application: a service that answers until it is asked to shut down gracefully, and then finishes the
    /// requests it has begun.
    ///
    /// - Parameter onServerRunning: told the port once it listens.
    package func application(
        logger: Logger, onServerRunning: @escaping @Sendable (_ port: Int?) async -> Void = { _ in }
    ) -> some ApplicationProtocol {
        let router = router()
        router.addOtherMethods { request, allow, _ in
            guard request.method == .options else { throw GatewayError.methodNotAllowed(allow: allow) }
            return Response(status: .noContent, headers: [.allow: allow])
        }
        return Application(
            router: router, server: .guarded(configuration.connections) { refuse($0, logger) },
            configuration: .guarded(
                address: .hostname(configuration.host, port: configuration.port), backlog: 1024),
            onServerRunning: { channel in
                await AcceptGuard.install(on: channel)
                await onServerRunning(channel.localAddress?.port)
            }, logger: logger)
    }

    /// A request that never gets to the routes is refused in the API's form, and counted and logged as others are.
    private func refuse(_ refusal: HTTPRefusal, _ logger: Logger) -> HTTPRefusal.Answer {
        let requestID = RandomID.make("req_")
        dependencies.metrics.record(method: "other", route: "none", status: refusal.status, duration: .zero)
        logger.info(
            "request refused",
            metadata: [
                "request_id": .string(requestID), "status": .stringConvertible(refusal.status),
                "cause": .string(refusal.message),
            ])
        var writer = JSONWriter(reservingCapacity: 256)
        writer.write(GatewayError(refusal).body(requestID: requestID))
        return HTTPRefusal.Answer(
            contentType: "application/json", headers: [("X-Request-Id", requestID), ("Cache-Control", "no-store")],
            body: ByteBuffer(bytes: writer.bytes))
    }
}
