import Foundation

/// A server that tests run against; `ops/test` starts all of them and names them in the environment.
package enum TestServer: String {
    case database = "TEST_DATABASE_URL"
    case broker = "TEST_AMQP_URL"
    case brokerManagement = "TEST_RABBITMQ_MANAGEMENT_URL"
    case redis = "TEST_REDIS_URL"

    package struct Missing: Error, CustomStringConvertible {
        let server: TestServer
        package var description: String { "\(server.rawValue) is not set: run the tests with ops/test" }
    }

    /// The server's URL; without it the test fails.
    package func url() throws -> String {
        guard let url = ProcessInfo.processInfo.environment[rawValue] else { throw Missing(server: self) }
        return url
    }
}
