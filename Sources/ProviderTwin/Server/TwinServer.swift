import HTTPServing
import HTTPTypes
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import ServiceLifecycle

/// A stand-in for the APIs of OpenAI and Anthropic on one port.
///
/// Runs until its task is cancelled or a graceful shutdown is triggered; then it takes no new connections, answers
/// what is in flight and writes the rest of the record.
package struct TwinServer: Service {
    private let configuration: TwinConfiguration
    private let logger: Logger
    private let onListening: @Sendable (Int) async -> Void
    private let now: @Sendable () -> UInt64

    /// - Parameters:
    ///   - configuration: what to listen on and how to behave
    ///   - logger: where records go
    ///   - onListening: gets the port as soon as connections are accepted
    package init(
        configuration: TwinConfiguration, logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.init(
            configuration: configuration, logger: logger, now: { TwinClock.monotonicNanoseconds() },
            onListening: onListening
        )
    }

    /// - Parameter now: monotonic nanoseconds, for the rate-limit windows
    init(
        configuration: TwinConfiguration, logger: Logger, now: @escaping @Sendable () -> UInt64,
        onListening: @escaping @Sendable (Int) async -> Void
    ) {
        self.configuration = configuration
        self.logger = logger
        self.now = now
        self.onListening = onListening
    }

    /// - Throws: `TwinError` when the record file cannot be opened, or the system's error when the port is taken.
    package func run() async throws {
        let recorder = try configuration.recordPath.map { try RequestRecorder(path: $0, logger: logger) }
        let state = TwinState(seed: configuration.seed, behaviour: configuration.behaviour, now: now)
        var serverLogger = logger
        serverLogger.logLevel = .warning
        var services: [any Service] = []
        if let recorder { services.append(recorder) }
        // Clients keep their connections for as long as they like, and prompts are long.
        var limits = ConnectionLimits()
        limits.idle = .seconds(300)
        let application = Application(
            responder: TwinResponder(
                state: state, seed: configuration.seed, recorder: recorder, ownModels: configuration.ownModels),
            server: .guarded(limits, handlers: [ConnectionWatch()]),
            configuration: .guarded(
                address: .hostname(configuration.host, port: configuration.port), backlog: 4096
            ),
            services: services,
            onServerRunning: { [logger, configuration, onListening] channel in
                await AcceptGuard.install(on: channel)
                let port = channel.localAddress?.port ?? configuration.port
                logger.info("listening", metadata: ["host": "\(configuration.host)", "port": .stringConvertible(port)])
                await onListening(port)
            },
            logger: serverLogger
        )
        try await application.run()
    }
}
