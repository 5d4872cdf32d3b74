/// Where Redis is and how patient its client is. Printing it never shows the password.
package struct RedisConfiguration: Sendable {
    /// Certificates for `rediss`.
    package struct TLS: Sendable, Equatable {
        /// PEM file of the authorities to trust; nil: the system's.
        package var authorityFile: String?
        /// PEM file of the client's certificate, together with ``keyFile``.
        package var certificateFile: String?
        /// PEM file of the client's key, not encrypted.
        package var keyFile: String?
        /// False accepts any certificate: for private test servers only.
        package var verifiesPeer = true
    }

    /// Name or address.
    package let host: String
    /// 6379 if the URL has none.
    package let port: Int
    /// The ACL user; nil for the default user.
    package let user: String?
    /// The database number.
    package let database: Int
    /// Nil: plain TCP.
    package let tls: TLS?
    /// Limit of one attempt to connect, and once more to shake hands, sign in and select the database.
    package var connectTimeout: Duration = .seconds(2)
    /// How long a command may take, from being sent until its answer.
    package var commandTimeout: Duration = .seconds(2)

    let password: String?
}

extension RedisConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Scheme, host, port and database.
    package var description: String { "\(tls == nil ? "redis" : "rediss")://\(host):\(port)/\(database)" }

    package var debugDescription: String { description }

    /// Empty: the password is among the children.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
