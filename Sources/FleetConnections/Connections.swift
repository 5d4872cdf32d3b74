package import AMQPClient
package import FleetBoot
import FleetStore
import Logging
package import PostgresClient
package import RedisClient

/// Opens the connections that the settings name, with errors that say what to change.
package struct Connections: Sendable {
    private let settings: Settings
    private let role: String
    private let logger: Logger

    /// - Parameter role: names the connections at the servers.
    package init(_ context: ProcessContext, role: String) {
        settings = context.settings
        logger = context.logger
        self.role = role
    }

    /// - Parameter patience: of each statement, where somebody waits for the answer; nil: the usual.
    package func database(connections: Int, patience: Duration? = nil) async throws -> PostgresPool {
        let url = try settings.required(
            "DATABASE_URL", hint: "the PostgreSQL to use, postgres://user:password@host:5432/database")
        var configuration: PostgresConfiguration
        do {
            configuration = try PostgresConfiguration(url: url)
        } catch {
            throw BootError(.setting, "DATABASE_URL: \(error.message)")
        }
        configuration.maximumConnections = try settings.number(
            "MIXMYAI_DATABASE_CONNECTIONS", default: connections, in: 1...100)
        if let patience {
            configuration.statementTimeout = patience
            configuration.acquireTimeout = min(configuration.acquireTimeout, patience)
        }
        configuration.applicationName = "mixmyai-\(role)"
        configuration.pooler = try settings.choice("MIXMYAI_DATABASE_POOLER", default: .none)
        let pool = PostgresPool(configuration: configuration, logger: logger)
        do {
            for advice in try await PoolerCheck.check(configuration, opening: pool) { logger.warning("\(advice)") }
            try await Migrator(pool: pool).check()
        } catch let error as StoreError {
            await pool.shutdown()
            throw BootError(.database, "DATABASE_URL: \(error)")
        } catch {
            await pool.shutdown()
            throw BootError(.database, "DATABASE_URL: the database cannot be used: \(error)")
        }
        return pool
    }

    package func broker(_ purpose: String) throws -> AMQPConfiguration {
        let url = try settings.required("AMQP_URL", hint: "the RabbitMQ to use, amqp://user:password@host:5672/")
        do {
            var configuration = try AMQPConfiguration(url: url)
            configuration.name = "mixmyai-\(role)-\(purpose)"
            return configuration
        } catch {
            throw BootError(.setting, "AMQP_URL: \(error.message)")
        }
    }

    /// Fails at start if the broker cannot be reached or does not let us in; later it may come and go. What it refuses
    /// beyond that is told by the connection, and stops only what needs it.
    package func checkBroker(_ publisher: AMQPPublisher) async throws {
        do {
            try await publisher.waitUntilReady(timeout: .seconds(15))
        } catch {
            guard publisher.health.outage != nil || publisher.state == .connecting(nil) else { return }
            throw BootError(
                .broker, "AMQP_URL: the broker cannot be used: \(error): \(publisher.advice.remedy(error))")
        }
    }

    package func redis() throws -> RedisClient {
        let url = try settings.required("REDIS_URL", hint: "the Redis to use, redis://:password@host:6379/0")
        do {
            return RedisClient(configuration: try RedisConfiguration(url: url), logger: logger)
        } catch {
            throw BootError(.setting, "REDIS_URL: \(error.message)")
        }
    }
}
