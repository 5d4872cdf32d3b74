/// A response whose head has come and whose body is on its way.
package struct HTTPResponse: Sendable {
    /// Of the final response; a redirect or an error is an answer like any other.
    package let status: Int
    /// Of the head only: trailers after the body are dropped.
    package let headers: HTTPHeaders
    /// Has to be read to its end or dropped: dropping it closes the stream.
    package let body: HTTPBody
}
