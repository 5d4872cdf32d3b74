/// Where spans are sent.
///
/// Not printable on purpose: headers carry credentials.
package struct OTLPDestination: Sendable {
    /// The whole address, `/v1/traces` included.
    let url: String
    /// Sent with each request.
    let headers: [(name: String, value: String)]

    package init(url: String, headers: [(name: String, value: String)] = []) {
        self.url = url
        self.headers = headers
    }
}
