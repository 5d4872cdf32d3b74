/// What runs on top of the three servers.
package struct StackPlan: Sendable {
    /// Started together once the servers are ready: twin, gateway, scheduler.
    package var processes: [ProcessSpec]
    /// How many workers to start; `scale` changes it.
    package var workerCount: Int
    /// Describes `worker-N`, N from 1.
    package var worker: (@Sendable (Int) throws -> ProcessSpec)?
    /// More lines of `DIR/env`, beside DATABASE_URL, AMQP_URL, REDIS_URL, RABBITMQ_MANAGEMENT_URL and
    /// MIXMYAI_API_KEY.
    package var exports: [String: String]

    /// By default nothing.
    package init(
        processes: [ProcessSpec] = [], workerCount: Int = 0,
        worker: (@Sendable (Int) throws -> ProcessSpec)? = nil, exports: [String: String] = [:]
    ) {
        self.processes = processes
        self.workerCount = workerCount
        self.worker = worker
        self.exports = exports
    }

    /// Only PostgreSQL, RabbitMQ and Redis.
    package static let serversOnly = StackPlan()
}
