import FleetCore
import Foundation
import Glibc
import HTTPServing
import Logging
import ProcessProbes
import ServiceLifecycle
import Telemetry
import UnixSignals

/// Runs one of the fleet's executables from its first line to its exit code.
package enum ProcessRunner {
    /// Starts a process and returns its exit code: 0 after a graceful stop, 1 if it could not start or failed.
    ///
    /// SIGTERM and SIGINT drain; a second one stops at once. SIGUSR1 drains as well, and leaves work in flight all the time
    /// it needs, until one of the others comes.
    package static func run<Process: FleetProcess>(_ process: Process) async -> Int32 {
        OpenFiles.raiseLimit()
        let settings: Settings
        let logger: Logger
        do {
            settings = try Settings(environment: ProcessInfo.processInfo.environment)
            let level = try settings.text(LogLevel.variable).map { try LogLevel.parse($0, origin: "MIXMYAI_LOG_LEVEL") }
            TelemetryBootstrap.start(
                role: Process.role, name: settings.text("MIXMYAI_WORKER_NAME") ?? Process.role,
                level: level ?? LogLevel.standard)
            logger = Logger(label: "mixmyai.\(Process.role)")
        } catch {
            report("\(Process.role): \(error)")
            return 1
        }
        let registry = MetricsRegistry()
        registry.receiveAll()
        ProcessMetrics.register(in: registry)
        registry.setBuildInfo(version: FleetVersion.number, revision: "", role: Process.role)
        let context = ProcessContext(settings: settings, logger: logger, registry: registry)
        do {
            let services = try await process.services(context)
            showDependencies(of: context)
            let probes = ProbeServer(
                host: settings.text("MIXMYAI_PROBE_HOST") ?? "127.0.0.1",
                port: try settings.number("MIXMYAI_PROBE_PORT", default: 0, in: 0...65_535),
                readiness: { context.readiness.current }, details: { context.readiness.details },
                metrics: { registry.render() }, pages: context.pages.all)
            var quiet = logger
            quiet.logLevel = .warning
            let watches = context.readiness.probes.map { probe in
                ClosureService([{ await context.every(DependencyProbe.interval) { await probe.ask() } }])
            }
            try await serve(
                [probes.application(logger: quiet)] + watches + services, context, longest: Process.longestShutdown)
            logger.info("stopped")
            return 0
        } catch let error as BootError {
            logger.critical("cannot start", metadata: ["error": "\(error)"])
            report("\(Process.role): \(error)")
            return 1
        } catch {
            logger.critical("failed", metadata: ["error": "\(error)"])
            report("\(Process.role): \(error)")
            return 1
        }
    }

    /// Each line of `/readyz?verbose`.
    private static func showDependencies(of context: ProcessContext) {
        context.registry.showDependencies { [readiness = context.readiness] in
            (readiness.current.checks + readiness.details).map { ($0.name, isUp: $0.problem == nil) }
        }
    }

    private static func serve(_ services: [any Service], _ context: ProcessContext, longest: Duration?) async throws {
        var configuration = ServiceGroupConfiguration(
            services: services.map {
                .init(
                    service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .gracefullyShutdownGroup)
            }, logger: context.logger)
        configuration.maximumGracefulShutdownDuration = longest
        let group = ServiceGroup(configuration: configuration)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask {
                var count = 0
                for await signal in await UnixSignalsSequence(trapping: .sigterm, .sigint, .sigusr1) {
                    if signal == .sigusr1 {
                        guard count == 0, !context.patience.isOn else { continue }
                        context.patience.begin()
                    } else {
                        count += 1
                        guard count == 1 else { exit(1) }
                        context.patience.end()
                    }
                    context.logger.info("draining", metadata: ["signal": "\(signal)"])
                    context.readiness.drain()
                    await group.triggerGracefulShutdown()
                }
            }
            try await tasks.next()
            tasks.cancelAll()
        }
    }

    /// One line for whoever started the process by hand; the log on standard output has it as JSON.
    private static func report(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }
}
