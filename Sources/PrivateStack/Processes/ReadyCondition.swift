/// How to tell that one of our processes is ready. Everything listens on 127.0.0.1.
package enum ReadyCondition: Sendable, Equatable {
    /// `GET path` answers 200.
    case http(port: Int, path: String = "/readyz")
    /// The port accepts a connection.
    case tcp(port: Int)
    /// Ready as soon as it runs.
    case immediate
}
