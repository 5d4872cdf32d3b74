/// Where the stack's servers are and how to log in to them.
///
/// The URLs hold passwords: for environments and private files, never for logs or arguments.
package struct StackContext: Sendable {
    /// Absolute path.
    package let stateDirectory: String
    /// Absolute path of the folder of `NAME.log` files.
    package let logDirectory: String
    /// PostgreSQL, database `mixmyai`.
    package let databaseURL: String
    /// RabbitMQ, virtual host `/`.
    package let amqpURL: String
    /// Redis, database 0.
    package let redisURL: String
    /// RabbitMQ's HTTP API.
    package let rabbitMQManagementURL: String
    /// The administrator's API key, `mxa_...`.
    package let apiKey: String
    private let ports: PortBook

    init(state: StateDirectory, credentials: Credentials, ports: PortBook) throws(PrivateStackError) {
        self.ports = ports
        stateDirectory = state.path
        logDirectory = state.log
        apiKey = credentials.apiKey
        let host = "127.0.0.1"
        let postgresPort = try ports.port(PortBook.postgres)
        let amqpPort = try ports.port(PortBook.amqp)
        let redisPort = try ports.port(PortBook.redis)
        let managementPort = try ports.port(PortBook.management)
        let rabbitMQLogin = "\(Credentials.userName):\(credentials.rabbitMQPassword)"
        databaseURL =
            "postgresql://\(Credentials.userName):\(credentials.postgresPassword)@\(host):\(postgresPort)/mixmyai"
        amqpURL = "amqp://\(rabbitMQLogin)@\(host):\(amqpPort)/%2F"
        redisURL = "redis://:\(credentials.redisPassword)@\(host):\(redisPort)/0"
        rabbitMQManagementURL = "http://\(rabbitMQLogin)@\(host):\(managementPort)"
    }

    /// The loopback port kept under `name`: the same at every start unless somebody else took it meanwhile.
    ///
    /// - Throws: `.system` if no port is free.
    package func port(_ name: String) throws(PrivateStackError) -> Int {
        try ports.port(name)
    }
}
