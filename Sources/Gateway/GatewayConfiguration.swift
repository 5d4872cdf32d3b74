package import HTTPServing

/// Bounds of the gateway.
package struct GatewayConfiguration: Sendable {
    /// Address to listen on.
    package var host: String
    /// 0: any free port.
    package var port: Int
    /// The largest body of a request, and the largest line of a bulk request, in bytes.
    package var bodyLimit = 1 << 20
    /// Lines of a bulk request that are written in one transaction.
    package var bulkChunk = 500
    /// Answers of a bulk request that wait in memory for a client that does not read them; in bytes.
    package var bulkAnswerBytes = 8 << 20
    /// What clients may take of their connections.
    package var connections = ConnectionLimits()
    /// Most events that one request returns.
    package var eventLimit = 500
    /// How long a probe of the health route may take.
    package var probeTimeout: Duration = .seconds(1)

    /// Listens on the loopback address unless told otherwise.
    package init(host: String = "127.0.0.1", port: Int = 8080) {
        self.host = host
        self.port = port
    }
}
