public import HTTPServing

/// Bounds of the gateway.
public struct GatewayConfiguration: Sendable {
    /// Address to listen on.
    public var host: String
    /// 0: any free port.
    public var port: Int
    /// The largest body of a request, and the largest line of a bulk request, in bytes.
    public var bodyLimit = 1 << 20
    /// Lines of a bulk request that are written in one transaction.
    public var bulkChunk = 500
    /// Answers of a bulk request that wait in memory for a client that does not read them; in bytes.
    public var bulkAnswerBytes = 8 << 20
    /// What clients may take of their connections.
    public var connections = ConnectionLimits()
    /// Most events that one request returns.
    public var eventLimit = 500
    /// How long a probe of the health route may take.
    public var probeTimeout: Duration = .seconds(1)

    /// Listens on the loopback address unless told otherwise.
    public init(host: String = "127.0.0.1", port: Int = 8080) {
        self.host = host
        self.port = port
    }
}
