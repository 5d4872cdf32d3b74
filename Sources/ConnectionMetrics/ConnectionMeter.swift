package import AMQPClient
import FleetCore
import FleetMetrics
package import PostgresClient
package import RedisClient
package import Telemetry

/// Shows how a process's connections are, whenever its metrics are asked for.
package enum ConnectionMeter {
    package static func show(
        in registry: MetricsRegistry, pool: PostgresPool, redis: RedisClient? = nil,
        brokers: [@Sendable () -> AMQPHealth]
    ) {
        registry.collect(MetricNames.poolBusy) { [MetricSample(pool.use.busy)] }
        registry.collect(MetricNames.poolWaiting) { [MetricSample(pool.use.waiting)] }
        registry.collect(MetricNames.poolWaits) { [MetricSample(pool.use.waits)] }
        registry.collect(MetricNames.poolWaitSeconds) { [MetricSample(pool.use.waited.inSeconds)] }
        registry.collect(MetricNames.connectionsMade) {
            var samples = [
                MetricSample(pool.use.connectionsMade, "postgres"),
                MetricSample(brokers.reduce(0) { $0 + $1().connectionsMade }, "rabbitmq"),
            ]
            if let redis { samples.append(MetricSample(redis.connectionsMade, "redis")) }
            return samples
        }
    }
}
