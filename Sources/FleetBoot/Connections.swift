import AMQPClient
import FleetCore
import FleetStore
import Logging
import PostgresClient
import RedisClient

/// Opens the connections that the settings name, with errors that say what to change.
struct Connections {
    let settings: Settings
    let role: String
    let logger: Logger

    func database(connections: Int) async throws -> PostgresPool {
        let url = try settings.required(
            "DATABASE_URL", hint: "the PostgreSQL to use, postgres://user:password@host:5432/database")
        var configuration: PostgresConfiguration
        do {
            configuration = try PostgresConfiguration(url: url)
        } catch {
            throw BootError(.database, "DATABASE_URL: \(error)")
        }
        configuration.maximumConnections = try settings.number(
            "MIXMYAI_DATABASE_CONNECTIONS", default: connections, in: 1...100)
        configuration.applicationName = "mixmyai-\(role)"
        let pool = PostgresPool(configuration: configuration, logger: logger)
        do {
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

    func broker(_ purpose: String) throws -> AMQPConfiguration {
        let url = try settings.required("AMQP_URL", hint: "the RabbitMQ to use, amqp://user:password@host:5672/")
        do {
            var configuration = try AMQPConfiguration(url: url)
            configuration.name = "mixmyai-\(role)-\(purpose)"
            return configuration
        } catch {
            throw BootError(.broker, "AMQP_URL: \(error)")
        }
    }

    /// Fails at start if the broker cannot be reached; later it may come and go.
    func checkBroker(_ publisher: AMQPPublisher) async throws {
        do {
            try await publisher.waitUntilReady(timeout: .seconds(15))
        } catch {
            throw BootError(.broker, "AMQP_URL: the broker cannot be used: \(error)")
        }
    }

    func redis() throws -> RedisClient {
        let url = try settings.required("REDIS_URL", hint: "the Redis to use, redis://:password@host:6379/0")
        do {
            return RedisClient(configuration: try RedisConfiguration(url: url), logger: logger)
        } catch {
            throw BootError(.redis, "REDIS_URL: \(error)")
        }
    }
}
