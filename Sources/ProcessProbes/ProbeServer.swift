import HTTPServing
import HTTPTypes
package import Hummingbird
package import Logging

/// The routes that every process serves on a port of its own: `/livez`, `/readyz` and `/metrics`, and its own pages.
///
/// They need no key and are not logged. `/livez` never asks a dependency: it says that the process can answer.
package struct ProbeServer: Sendable {
    /// Those that ask are few.
    private static let connections = 100

    private let host: String
    private let port: Int
    private let readiness: @Sendable () async -> Readiness
    private let details: @Sendable () async -> [Readiness.Check]
    private let metrics: @Sendable () async -> String
    private let pages: [ProbePage]

    /// - Parameters:
    ///   - port: 0: any free port.
    ///   - readiness: whether the process should be given work now; asked on each request, has to be quick.
    ///   - details: what `/readyz?verbose` shows besides; it decides nothing.
    ///   - metrics: the Prometheus text.
    ///   - pages: served besides.
    package init(
        host: String = "127.0.0.1", port: Int, readiness: @escaping @Sendable () async -> Readiness,
        details: @escaping @Sendable () async -> [Readiness.Check] = { [] },
        metrics: @escaping @Sendable () async -> String, pages: [ProbePage] = []
    ) {
        self.host = host
        self.port = port
        self.readiness = readiness
        self.details = details
        self.metrics = metrics
        self.pages = pages
    }

    /// The routes alone, for a process that serves them with others.
    package func router() -> Router<BasicRequestContext> {
        let router = Router(options: .autoGenerateHeadEndpoints)
        let (readiness, details, metrics) = (readiness, details, metrics)
        router.get("livez") { _, _ in Self.text("ok\n") }
        router.get("readyz") { request, _ in
            let state = await readiness()
            let details = request.uri.queryParameters["verbose"] == nil ? [] : await details()
            return Self.text(state.report(details), status: state.isReady ? .ok : .serviceUnavailable)
        }
        router.get("metrics") { _, _ in
            Self.text(await metrics(), type: "text/plain; version=0.0.4; charset=utf-8")
        }
        for page in pages {
            router.get(RouterPath(page.path)) { _, _ in
                let answer = await page.answer()
                return Self.text(answer.body, status: .init(code: answer.status), type: answer.contentType)
            }
        }
        return router
    }

    /// A service that answers until it is asked to shut down gracefully.
    ///
    /// - Parameter onServerRunning: told the port once it listens.
    package func application(
        logger: Logger, onServerRunning: @escaping @Sendable (_ port: Int?) async -> Void = { _ in }
    ) -> some ApplicationProtocol {
        let router = router()
        router.addOtherMethods { request, allow, _ in
            var response =
                request.method == .options
                ? Response(status: .noContent)
                : Self.text("This path has other methods: \(allow)\n", status: .methodNotAllowed)
            response.headers[.allow] = allow
            return response
        }
        var limits = ConnectionLimits()
        limits.idle = .seconds(20)
        return Application(
            router: router, server: .guarded(limits),
            configuration: .guarded(address: .hostname(host, port: port), connections: Self.connections),
            onServerRunning: { channel in
                await AcceptGuard.install(on: channel)
                await onServerRunning(channel.localAddress?.port)
            }, logger: logger)
    }

    private static func text(
        _ text: String, status: HTTPResponse.Status = .ok, type: String = "text/plain; charset=utf-8"
    ) -> Response {
        Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
