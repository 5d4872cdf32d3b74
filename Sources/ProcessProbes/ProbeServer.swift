public import Hummingbird
public import Logging

/// The routes that every process serves on a port of its own: `/livez`, `/readyz` and `/metrics`.
///
/// They need no key and are not logged. `/livez` never asks a dependency: it says that the process can answer.
public struct ProbeServer: Sendable {
    private let host: String
    private let port: Int
    private let readiness: @Sendable () async -> Readiness
    private let metrics: @Sendable () async -> String

    /// - Parameters:
    ///   - port: 0: any free port.
    ///   - readiness: whether the process should be given work now; asked on each request, has to be quick.
    ///   - metrics: the Prometheus text.
    public init(
        host: String = "127.0.0.1", port: Int, readiness: @escaping @Sendable () async -> Readiness,
        metrics: @escaping @Sendable () async -> String
    ) {
        self.host = host
        self.port = port
        self.readiness = readiness
        self.metrics = metrics
    }

    /// The routes alone, for a process that serves them with others.
    public func router() -> Router<BasicRequestContext> {
        let router = Router()
        let (readiness, metrics) = (readiness, metrics)
        router.get("livez") { _, _ in Self.text("ok\n") }
        router.get("readyz") { _, _ in
            let state = await readiness()
            return Self.text(state.report, status: state.isReady ? .ok : .serviceUnavailable)
        }
        router.get("metrics") { _, _ in
            Self.text(await metrics(), type: "text/plain; version=0.0.4; charset=utf-8")
        }
        return router
    }

    /// A service that answers until it is asked to shut down gracefully.
    ///
    /// - Parameter onServerRunning: told the port once it listens.
    public func application(
        logger: Logger, onServerRunning: @escaping @Sendable (_ port: Int?) async -> Void = { _ in }
    ) -> some ApplicationProtocol {
        Application(
            router: router(), configuration: ApplicationConfiguration(address: .hostname(host, port: port)),
            onServerRunning: { channel in await onServerRunning(channel.localAddress?.port) }, logger: logger)
    }

    private static func text(
        _ text: String, status: HTTPResponse.Status = .ok, type: String = "text/plain; charset=utf-8"
    ) -> Response {
        Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
