import Logging
import PrivateStack

/// Keeps a private fleet running until it is told to stop.
struct FleetSupervisor: Sendable {
    let state: StateDirectory
    let blueprint: FleetBlueprint

    /// Runs until SIGINT, SIGTERM or `mixmyai down`; a second signal stops at once.
    func run(logger: Logger, whenReady: @escaping @Sendable () async -> Void) async throws {
        var options = PrivateStack.Options(state: state)
        options.drainLimit = blueprint.drainLimit
        let blueprint = blueprint
        let stack = PrivateStack(
            options, logger: logger,
            plan: { context in
                try blueprint.plan(
                    FleetBlueprint.Servers(
                        databaseURL: context.databaseURL, amqpURL: context.amqpURL, redisURL: context.redisURL,
                        port: { try context.port($0) }))
            },
            prepare: { try await FleetPreparation($0, provider: blueprint.provider).run() })
        let signals = TerminationSignals.stream()
        try await withThrowingTaskGroup { group in
            group.addTask {
                try await stack.run { context in
                    await whenReady()
                    await FleetPreparation(context, provider: blueprint.provider).keep(logger)
                }
            }
            group.addTask {
                var isStopping = false
                for await _ in signals {
                    if isStopping { await stack.stopNow() } else { stack.requestStop() }
                    isStopping = true
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
