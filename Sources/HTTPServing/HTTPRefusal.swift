package import NIOCore
import NIOHTTP1

/// A request that is not served because of how it came, whatever it asks for; the connection ends with its answer.
package struct HTTPRefusal: Error, Sendable, Equatable {
    /// The status to answer with.
    package let status: Int
    /// What is wrong with it, in words that are safe to show and to log.
    package let message: String

    /// The status in words, "Request Timeout".
    package var reason: String { HTTPResponseStatus(statusCode: status).reasonPhrase }

    init(_ status: Int, _ message: String) {
        self.status = status
        self.message = message
    }

    static let headTimedOut = HTTPRefusal(408, "The request did not come in time")
    static let bodyTimedOut = HTTPRefusal(408, "The rest of the body did not come in time")

    /// How a server shows refusals.
    package struct Answer: Sendable {
        /// The `Content-Type` of the body.
        package var contentType: String
        /// Header fields besides.
        package var headers: [(name: String, value: String)]
        package var body: ByteBuffer

        /// - Parameter headers: fields besides `Content-Type`, `Content-Length` and `Connection`.
        package init(contentType: String, headers: [(name: String, value: String)] = [], body: ByteBuffer) {
            self.contentType = contentType
            self.headers = headers
            self.body = body
        }

        /// A line of text.
        package static func text(_ refusal: HTTPRefusal) -> Answer {
            Answer(contentType: "text/plain; charset=utf-8", body: ByteBuffer(string: refusal.message + "\n"))
        }
    }
}
