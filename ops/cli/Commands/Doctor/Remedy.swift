import AMQPClient
import FleetStore
import PostgresClient
import RedisClient

/// What to do about a server that cannot be used: whatever fits the cause.
struct Remedy: Sendable, Equatable {
    let text: String
    /// Somebody answers, or nobody does: another kind of server may be behind the address.
    var doubtsPeer = false

    /// - Parameters:
    ///   - error: what using the server threw.
    ///   - setting: the variable with its address.
    ///   - origin: where the variable comes from.
    init(for error: any Error, setting: String, origin: String) {
        let place = "\(setting) (\(origin))"
        switch error {
        case let error as PostgresError: self.init(database: error, place)
        case let error as AMQPError: self.init(broker: error, place)
        case let error as RedisError: self.init(redis: error, place)
        case is StoreError: self.init("the message says what to do")
        case let error as CommandError where error.exit == .usage: self.init("correct \(place)")
        default: self.init("check \(place)")
        }
    }

    private init(_ text: String, doubtsPeer: Bool = false) {
        self.text = text
        self.doubtsPeer = doubtsPeer
    }

    /// Another protocol has answered.
    static func otherProtocol(_ setting: String, _ origin: String) -> Remedy {
        Remedy("an HTTP server answers there: correct host and port in \(setting) (\(origin))")
    }

    private static func silent(_ place: String) -> Remedy {
        Remedy(
            "no answer: check host and port in \(place) (another kind of server may be there), and firewalls on the way",
            doubtsPeer: true)
    }

    private static func unresolved(_ place: String) -> Remedy {
        Remedy("the host's name does not resolve: correct it in \(place), or look at this machine's DNS")
    }

    private static func refused(_ place: String) -> Remedy {
        Remedy("nothing listens there: check that the server runs, and host and port in \(place)")
    }

    private static func wrongURL(_ place: String) -> Remedy { Remedy("correct \(place)") }

    // MARK: PostgreSQL

    private init(database error: PostgresError, _ place: String) {
        let message = error.message
        switch (error.code, error.sqlState) {
        case (.invalidURL, _): self = Self.wrongURL(place)
        case (.statementCollision, _): self.init("set MIXMYAI_DATABASE_POOLER; docs/operating.md says how")
        case (_, "28P01"): self.init("correct user and password in \(place)")
        case (_, "3D000"): self.init("create the database (`createdb NAME`), or correct its name in \(place)")
        case (_, "42501"): self.init("give the user the right to do that (GRANT), or name its owner in \(place)")
        case _ where message.contains("default_pool_size") || message.contains("max_client_conn"):
            self.init("raise that in the pooler, or lower MIXMYAI_DATABASE_CONNECTIONS of the processes")
        case (_, "53300"):
            self.init("raise the server's max_connections, or lower MIXMYAI_DATABASE_CONNECTIONS of the processes")
        case (_, "28000") where message.contains("does not exist"):
            self.init("create the role (`createuser --pwprompt NAME`), or correct the user in \(place)")
        case (_, "28000"):
            self.init(
                "let this user and address in by the server's pg_hba.conf; if it asks for encryption, set sslmode=require "
                    + "in \(place)")
        case (.cannotConnectNow, _):
            self.init("wait: the server is starting, stopping or recovering; its log says more")
        case (.readOnly, _): self.init("name the primary in \(place), or all hosts, separated by commas")
        default:
            if message.contains("does not support SSL") {
                self.init("switch TLS on in the server, or take sslmode out of \(place)")
            } else if message.contains("certificate") || message.contains("SSL error") {
                self.init("correct sslmode and sslrootcert in \(place), or the server's certificate")
            } else if message.contains("translate host name") {
                self = Self.unresolved(place)
            } else if message.contains("Connection refused") || message.contains("No such file or directory") {
                self = Self.refused(place)
            } else if message.contains("read-only") {
                self.init("none of the hosts in \(place) takes writes: check which server is the primary")
            } else if message.contains("in time") || message.contains("timed out") || message.contains("unreachable") {
                self = Self.silent(place)
            } else {
                self.init("check \(place): no PostgreSQL answers there as it should", doubtsPeer: true)
            }
        }
    }

    // MARK: RabbitMQ

    /// Of a broker that has said nothing; what it says ``BrokerCheck`` knows how to answer.
    private init(broker error: AMQPError, _ place: String) {
        switch error.code {
        case .connectionRefused where error.message.contains("lookup"): self = Self.unresolved(place)
        case .connectionRefused: self = Self.refused(place)
        case .timedOut: self = Self.silent(place)
        case .tls: self.init("correct scheme and certificates in \(place): amqps is for ports with TLS, often 5671")
        case .connectionLost, .protocolError:
            self.init(
                "no RabbitMQ answers there as it should: check the port in \(place), and amqps if the port takes TLS only",
                doubtsPeer: true)
        default: self.init("check \(place); the broker's log says more")
        }
    }

    // MARK: Redis

    private init(redis error: RedisError, _ place: String) {
        let message = error.message
        switch error.code {
        case .invalidURL: self = Self.wrongURL(place)
        case .authenticationFailed where message.contains("NOAUTH"):
            self.init("the server asks for a password: put it into \(place), redis://:PASSWORD@host")
        case .authenticationFailed: self.init("correct user and password in \(place)")
        case .tls: self.init("correct scheme and certificates in \(place): rediss is for ports with TLS")
        case .server("NOPERM"): self.init("give the user the rights by `ACL SETUSER`")
        case .server where message.contains("DB index"):
            self.init("the server has no database of that number: correct the path of \(place)")
        case .server("LOADING"): self.init("wait: the server is loading its data")
        case .protocolViolation, .connectionLost,
            .unavailable where message.contains("closed"):
            self.init(
                "no Redis answers there as it should: check the port in \(place), and rediss if the port takes TLS only",
                doubtsPeer: true)
        case .timeout: self = Self.silent(place)
        case .unavailable where message.contains("resolve") || message.contains("known") || message.contains("name"):
            self = Self.unresolved(place)
        case .unavailable where message.contains("refused"): self = Self.refused(place)
        case .unavailable: self = Self.silent(place)
        default: self.init("check \(place)")
        }
    }
}
