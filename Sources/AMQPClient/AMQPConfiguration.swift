/// How to reach a broker and how patient to be with it.
public struct AMQPConfiguration: Sendable {
    /// Certificates for `amqps`.
    public struct TLS: Sendable, Equatable {
        /// PEM file of the authorities to trust; nil: the system's.
        public var authorityFile: String?
        /// PEM file of the client's certificate, together with ``keyFile``.
        public var certificateFile: String?
        /// PEM file of the client's key.
        public var keyFile: String?
        /// False accepts any certificate: for private test brokers only.
        public var verifiesPeer: Bool

        /// The system's authorities and no certificate of our own, unless said otherwise.
        public init(
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
    public var host: String
    /// By default 5672, in `amqps` URLs 5671.
    public var port: UInt16
    /// The broker's name space for queues and exchanges.
    public var virtualHost: String
    /// Logs in with PLAIN.
    public var user: String
    var password: String
    /// Nil: plain TCP.
    public var tls: TLS?
    /// Whole seconds, at least one. A silent peer is given up after twice this.
    public var heartbeat: Duration = .seconds(10)
    /// For the TCP and TLS handshake, and once more for the AMQP handshake.
    public var connectTimeout: Duration = .seconds(5)
    /// How long a declaration, a subscription and the like may take, reconnects included.
    public var requestTimeout: Duration = .seconds(10)
    /// How long a publish may take to be confirmed, reconnects included, if the call does not say.
    public var publishTimeout: Duration = .seconds(30)
    /// The largest frame in bytes; the broker may lower it.
    public var frameMax = 131_072
    /// Shown by the broker's management as the connection's name.
    public var name: String?

    /// The broker of this machine, unless said otherwise.
    public init(
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
    public var description: String {
        "\(tls == nil ? "amqp" : "amqps")://\(host.contains(":") ? "[\(host)]" : host):\(port)/\(virtualHost)"
    }
}
