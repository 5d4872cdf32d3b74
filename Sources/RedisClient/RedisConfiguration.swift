/// Where Redis is and how patient its client is. Printing it never shows the password.
public struct RedisConfiguration: Sendable {
    /// Certificates for `rediss`.
    public struct TLS: Sendable, Equatable {
        /// PEM file of the authorities to trust; nil: the system's.
        public var authorityFile: String?
        /// PEM file of the client's certificate, together with ``keyFile``.
        public var certificateFile: String?
        /// PEM file of the client's key, not encrypted.
        public var keyFile: String?
        /// False accepts any certificate: for private test servers only.
        public var verifiesPeer = true
    }

    /// Name or address.
    public let host: String
    /// 6379 if the URL has none.
    public let port: Int
    /// The ACL user; nil for the default user.
    public let user: String?
    /// The database number.
    public let database: Int
    /// Nil: plain TCP.
    public let tls: TLS?
    /// Limit of one attempt to connect, and once more to shake hands, sign in and select the database.
    public var connectTimeout: Duration = .seconds(2)
    /// How long a command may take, from being sent until its answer.
    public var commandTimeout: Duration = .seconds(2)

    let password: String?
}

extension RedisConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Scheme, host, port and database.
    public var description: String { "\(tls == nil ? "redis" : "rediss")://\(host):\(port)/\(database)" }

    /// The same as `description`.
    public var debugDescription: String { description }

    /// Empty: the password is among the children.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
