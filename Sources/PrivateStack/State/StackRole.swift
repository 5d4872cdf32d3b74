/// What a process of the stack is for.
package enum StackRole: String, Sendable, Codable, CaseIterable {
    case postgres
    case rabbitmq
    case redis
    case twin
    case gateway
    case scheduler
    case worker

    /// PostgreSQL, RabbitMQ and Redis start first and stop last.
    package var isServer: Bool {
        switch self {
        case .postgres, .rabbitmq, .redis: true
        case .twin, .gateway, .scheduler, .worker: false
        }
    }
}
