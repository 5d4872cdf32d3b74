/// Something that the broker would not do for a connection that otherwise works.
package struct AMQPRefusal: Sendable, Equatable {
    /// What it was asked for.
    package enum Subject: Sendable, Hashable {
        /// To declare an exchange.
        case exchange(String)
        /// To declare a queue.
        case queue(String)
        /// To bind a queue to an exchange.
        case binding(AMQPBinding)
        /// To deliver from a queue.
        case consuming(String)
        /// To take messages for an exchange; empty: the default exchange.
        case publishing(String)
    }

    /// What it was asked for.
    package let subject: Subject
    /// The broker's verdict.
    package let error: AMQPError
    /// It is there all the same, as somebody else made it, and is used.
    package let isUsable: Bool

    /// Part of what the connection declares.
    var isDeclaration: Bool {
        switch subject {
        case .exchange, .queue, .binding: true
        case .consuming, .publishing: false
        }
    }
}

extension AMQPRefusal.Subject: CustomStringConvertible {
    package var description: String {
        switch self {
        case .exchange(let name): "exchange '\(name)'"
        case .queue(let name): "queue '\(name)'"
        case .binding(let binding): "binding of '\(binding.queue)' to '\(binding.exchange)'"
        case .consuming(let queue): "consuming '\(queue)'"
        case .publishing(let exchange): "publishing to '\(exchange.isEmpty ? "amq.default" : exchange)'"
        }
    }
}
