package import FleetBoot
package import PostgresClient
package import RedisClient

extension DependencyProbe {
    package static func database(_ pool: PostgresPool) -> DependencyProbe {
        DependencyProbe("database") { try await pool.withSession { try $0.executeSimple("SELECT 1") } }
    }

    package static func redis(_ redis: RedisClient) -> DependencyProbe {
        DependencyProbe("redis") { _ = try await redis.command(["PING"]) }
    }
}
