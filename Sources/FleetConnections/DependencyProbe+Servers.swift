package import AMQPClient
package import FleetBoot
package import PostgresClient
package import RedisClient

extension DependencyProbe {
    package static func database(_ pool: PostgresPool) -> DependencyProbe {
        DependencyProbe("database") { try await pool.withSession { try $0.executeSimple("SELECT 1") } }
    }

    /// A connection to a broker that is frozen is open for a while: only what it confirms shows that it works.
    package static func broker(_ publisher: AMQPPublisher) -> DependencyProbe {
        DependencyProbe("message_queue") {
            guard publisher.state == .ready else { throw BootError(.broker, "the broker is not connected") }
            try await publisher.publish([PublishingTrial.message], timeout: .seconds(5))
        }
    }

    package static func redis(_ redis: RedisClient) -> DependencyProbe {
        DependencyProbe("redis") { _ = try await redis.command(["PING"]) }
    }
}
