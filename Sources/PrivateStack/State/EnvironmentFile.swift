/// `DIR/env`: what a shell sources to reach the stack.
enum EnvironmentFile {
    static func write(_ context: StackContext, _ more: [String: String], to path: String) throws(PrivateStackError) {
        var values = more
        values["DATABASE_URL"] = context.databaseURL
        values["AMQP_URL"] = context.amqpURL
        values["REDIS_URL"] = context.redisURL
        values["RABBITMQ_MANAGEMENT_URL"] = context.rabbitMQManagementURL
        values["MIXMYAI_API_KEY"] = context.apiKey
        let lines = values.sorted { $0.key < $1.key }.map { "export \($0.key)=\(quoted($0.value))\n" }
        try PrivateFile.write(lines.joined(), to: path, mode: 0o600)
    }

    /// In single quotes, where a shell expands nothing.
    static func quoted(_ value: String) -> String {
        "'" + value.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }
}
