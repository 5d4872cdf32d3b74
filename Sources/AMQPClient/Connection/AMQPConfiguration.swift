/// How to reach a broker and how patient to be with it.
package struct AMQPConfiguration: Sendable {
    /// Certificates for `amqps`.
    package struct TLS: Sendable, Equatable {
        /// PEM file of the authorities to trust; nil: the system's.
        package var authorityFile: String?
        /// PEM file of the client's certificate, together with ``keyFile``.
        package var certificateFile: String?
        /// PEM file of the client's key.
        package var keyFile: String?
        /// False accepts any certificate: for private test brokers only.
        package var verifiesPeer: Bool

        /// The system's authorities and no certificate of our own, unless said otherwise.
        package init(
            authorityFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil,
            verifiesPeer: Bool = true
        ) {
            self.authorityFile = authorityFile
            self.certificateFile = certificateFile
            self.keyFile = keyFile
            self.verifiesPeer = verifiesPeer
        }
    }

    /// A name or an address, IPv6 without brackets.
    package var host: String
    /// By default 5672, in `amqps` URLs 5671.
    package var port: UInt16
    /// The broker's name space for queues and exchanges.
    package var virtualHost: String
    /// Logs in with PLAIN.
    package var user: String
    var password: String
    /// Nil: plain TCP.
    package var tls: TLS?
    /// Whole seconds, at least one. A silent peer is given up after twice this.
    package var heartbeat: Duration = .seconds(10)
    /// For the TCP and TLS handshake, and once more for the AMQP handshake.
    package var connectTimeout: Duration = .seconds(5)
    /// How long a declaration, a subscription and the like may take, reconnects included.
    package var requestTimeout: Duration = .seconds(10)
    /// How long a publish may take to be confirmed, reconnects included, if the call does not say.
    package var publishTimeout: Duration = .seconds(30)
    /// The largest frame in bytes; the broker may lower it.
    package var frameMax = 131_072
    /// Shown by the broker's management as the connection's name.
    package var name: String?

    /// The broker of this machine, unless said otherwise.
    package init(
        host: String = "127.0.0.1", port: UInt16 = 5672, virtualHost: String = "/", user: String = "guest",
        password: String = "guest", tls: TLS? = nil
    ) {
        self.host = host
        self.port = port
        self.virtualHost = virtualHost
        self.user = user
        self.password = password
        self.tls = tls
    }

    var heartbeatSeconds: Int { min(max(Int(heartbeat.components.seconds), 1), 65_535) }
}

extension AMQPConfiguration: CustomStringConvertible {
    /// The address without credentials.
    package var description: String {
        "\(tls == nil ? "amqp" : "amqps")://\(host.contains(":") ? "[\(host)]" : host):\(port)/\(virtualHost)"
    }
}
