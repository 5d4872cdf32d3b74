import ArgumentParser
import Logging
import PrivateStack

/// `mixmyai servers -- COMMAND...`: the tests' servers.
struct ServersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "servers",
        abstract: "Run a command with private PostgreSQL, RabbitMQ and Redis servers.",
        discussion: """
            The command finds them in TEST_DATABASE_URL, TEST_AMQP_URL, TEST_REDIS_URL and
            TEST_RABBITMQ_MANAGEMENT_URL. They stop when it ends; its exit status is this command's.
            """, shouldDisplay: false)

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Argument(parsing: .postTerminator, help: "The command and its arguments, after --.") var command: [String] = []

    func validate() throws {
        guard !command.isEmpty else { throw ValidationError("Name the command to run after `--`.") }
    }

    func run() async throws {
        var logger = Logger(label: "mixmyai", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .warning
        let options = PrivateStack.Options(state: global.state)
        let signals = TerminationSignals.stream()
        let (command, environment, serverLogger) = (command, global.environment, logger)
        let status = try await withThrowingTaskGroup(of: Int32?.self) { group in
            group.addTask {
                try await PrivateStack.withServers(options, logger: serverLogger) { context in
                    var environment = environment
                    environment["TEST_DATABASE_URL"] = context.databaseURL
                    environment["TEST_AMQP_URL"] = context.amqpURL
                    environment["TEST_REDIS_URL"] = context.redisURL
                    environment["TEST_RABBITMQ_MANAGEMENT_URL"] = context.rabbitMQManagementURL
                    return try await ForegroundCommand.run(command, environment: environment).shellCode
                }
            }
            group.addTask {
                for await _ in signals { return nil }
                return nil
            }
            let first = try await group.next() ?? nil
            group.cancelAll()
            // After a signal the servers still have to stop; what the interrupted command returns says nothing.
            if first == nil { _ = try? await group.waitForAll() }
            return first ?? CommandExit.interrupted.rawValue
        }
        guard status == 0 else { throw ExitCode(status) }
    }
}
