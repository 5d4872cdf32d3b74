import AMQPClient
import ArgumentParser
import Catalogues
import Foundation
import Logging
import PostgresClient
import RedisClient

/// The servers that the environment names.
struct Servers {
    private let environment = ProcessInfo.processInfo.environment
    let logger: Logger

    init() {
        var logger = Logger(label: "fleet-bench", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .warning
        self.logger = logger
    }

    /// A variable that has to be there.
    func required(_ name: String) throws -> String {
        guard let value = environment[name], !value.isEmpty else {
            throw ValidationError("\(name) is not set")
        }
        return value
    }

    /// The fleet's own catalogues: real prompts, real schemas, real queues.
    func catalogues() throws -> FleetCatalogues {
        try FleetCatalogues(agents: required("MIXMYAI_AGENTS"), models: required("MIXMYAI_MODELS"))
    }

    func database(connections: Int) throws -> PostgresPool {
        var configuration = try PostgresConfiguration(url: required("DATABASE_URL"))
        configuration.maximumConnections = connections
        configuration.applicationName = "fleet-bench"
        return PostgresPool(configuration: configuration, logger: logger)
    }

    func broker(_ purpose: String) throws -> AMQPConfiguration {
        var configuration = try AMQPConfiguration(url: required("AMQP_URL"))
        configuration.name = "fleet-bench-\(purpose)"
        return configuration
    }

    func redis() throws -> RedisClient {
        RedisClient(configuration: try RedisConfiguration(url: required("REDIS_URL")), logger: logger)
    }
}
