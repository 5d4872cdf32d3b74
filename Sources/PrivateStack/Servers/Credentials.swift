import FoundationEssentials
import Glibc

/// The stack's passwords, made once and kept in `credentials.json` (mode 0600).
struct Credentials: Codable, Sendable, Equatable {
    static let userName = "mixmyai"

    let postgresPassword: String
    let rabbitMQPassword: String
    let redisPassword: String
    let apiKey: String

    enum CodingKeys: String, CodingKey {
        case postgresPassword = "postgres_password"
        case rabbitMQPassword = "rabbitmq_password"
        case redisPassword = "redis_password"
        case apiKey = "api_key"
    }

    /// New random credentials: letters and digits only, so that no URL or configuration file needs quoting.
    static func random() -> Credentials {
        Credentials(
            postgresPassword: word(32), rabbitMQPassword: word(32), redisPassword: word(32), apiKey: "mxa_" + word(40))
    }

    private static func word(_ length: Int) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        // The system's generator is cryptographically secure.
        var generator = SystemRandomNumberGenerator()
        return String((0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] })
    }

    /// The kept credentials, or new ones which are then kept.
    static func loadOrCreate(in state: StateDirectory) throws(PrivateStackError) -> Credentials {
        if let data = try PrivateFile.read(state.credentials) {
            guard let kept = try? JSONDecoder().decode(Credentials.self, from: data) else {
                throw PrivateStackError(
                    .conflict, "\(state.credentials) is damaged; `down --purge` starts over with new credentials")
            }
            return kept
        }
        let fresh = random()
        try PrivateFile.writeJSON(fresh, to: state.credentials, mode: 0o600)
        return fresh
    }
}
