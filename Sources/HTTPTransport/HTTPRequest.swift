/// A request to an absolute `http` or `https` address.
///
/// Not printable on purpose: headers carry credentials and the body carries prompts.
package struct HTTPRequest: Sendable {
    /// The methods the transport knows.
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case delete = "DELETE"
    }

    /// Only a `post` sends the body.
    package var method: Method
    /// Printable ASCII only: everything else has to be percent-encoded.
    package var url: String
    /// Sent as they are; `Content-Length` and `Transfer-Encoding` belong to the transport.
    package var headers: HTTPHeaders
    /// Sent by `post` alone, without a `Content-Type` unless the headers have one.
    package var body: [UInt8]

    /// Checks nothing: ``HTTPClient/execute(_:timeout:)`` does.
    package init(method: Method = .get, url: String, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    /// Refuses what would let one value write another line of the request, or a request of its own.
    func validate() throws(HTTPError) {
        guard url.hasPrefix("http://") || url.hasPrefix("https://"), url.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
            throw HTTPError(.invalidRequest, "the address is not an absolute http(s) URL", url: url)
        }
        for field in headers.fields {
            guard !field.name.isEmpty, field.name.utf8.allSatisfy(Self.isToken) else {
                throw HTTPError(.invalidRequest, "a header name is empty or holds a forbidden character", url: url)
            }
            guard field.value.utf8.allSatisfy({ $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }) else {
                // Names the field only: its value may be a credential.
                throw HTTPError(.invalidRequest, "header \(field.name) holds a control character", url: url)
            }
            guard !["content-length", "transfer-encoding"].contains(field.name.lowercased()) else {
                throw HTTPError(.invalidRequest, "header \(field.name) is set by the transport", url: url)
            }
        }
    }

    /// Whether a header's name may hold the byte (RFC 9110 section 5.6.2).
    package static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
