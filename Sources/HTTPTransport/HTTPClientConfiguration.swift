/// Settings of an HTTP client.
package struct HTTPClientConfiguration: Sendable {
    /// Longest time for name resolution, connection and TLS handshake together.
    package var connectTimeout: Duration = .seconds(10)
    /// Longest silence inside a response body; nil for none. The time before the head counts for the deadline only.
    package var idleTimeout: Duration?
    /// Bytes of one body that wait for their reader before the transfer pauses.
    package var bodyBufferLimit = 256 * 1024
    /// Bytes read from a socket at once; each running exchange holds one such buffer.
    package var receiveBufferSize = 4 * 1024
    /// Largest response head in bytes.
    package var headLimit = 64 * 1024
    /// Connections kept for reuse; give it the number of concurrent exchanges.
    package var connectionCacheSize = 4096
    /// A connection that was idle this long is not used again: peers drop idle connections, and a request that
    /// meets the drop is lost.
    package var idleConnectionLifetime: Duration = .seconds(50)
    /// PEM file of the authorities to trust instead of the system's.
    package var authorityFile: String?
    /// Proxy address; nil for a direct connection. Environment variables are not read.
    package var proxy: String?
    /// Sent as `User-Agent`.
    package var userAgent = "mixmyai"
    /// Whether peers that offer HTTP/2 over TLS get it; nil leaves it to the version of libcurl.
    ///
    /// libcurl 7.88.1 stalls parallel uploads on one HTTP/2 connection once they exceed the connection's window
    /// together: of 300 requests of 30 KB at once, 60 ran into their deadlines. Before 8.2 the default is HTTP/1.1.
    package var usesHTTP2: Bool?

    /// Starts from the defaults above.
    package init() {}
}
