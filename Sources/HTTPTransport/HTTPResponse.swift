/// A response whose head has come and whose body is on its way.
public struct HTTPResponse: Sendable {
    public let status: Int
    public let headers: HTTPHeaders
    /// Has to be read to its end or dropped: dropping it closes the stream.
    public let body: HTTPBody
}
