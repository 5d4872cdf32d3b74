/// A response whose head has come and whose body is on its way.
public struct HTTPResponse: Sendable {
    /// Of the final response; a redirect or an error is an answer like any other.
    public let status: Int
    /// Of the head only: trailers after the body are dropped.
    public let headers: HTTPHeaders
    /// Has to be read to its end or dropped: dropping it closes the stream.
    public let body: HTTPBody
}
