/// What to do about the broker's verdicts, in words for operators. Holds no password.
package struct BrokerAdvice: Sendable {
    private let virtualHost: String
    private let user: String

    /// For a connection with this configuration.
    package init(_ configuration: AMQPConfiguration) {
        virtualHost = configuration.virtualHost
        user = configuration.user
    }

    /// What to do about a connection that does not come about.
    package func remedy(_ error: AMQPError) -> String {
        switch error.code {
        case .connectionRefused: "start the broker, or correct the URL's host and port"
        case .timedOut: "look whether host and port of the URL are right and no firewall is in between"
        case .authenticationFailed:
            "correct user and password in the URL, or `rabbitmqctl change_password \(quoted(user))`"
                + (user == "guest" ? "; `guest` may log in from the broker's own machine only" : "")
        case .notFound: "`rabbitmqctl add_vhost \(quoted(virtualHost))`, or correct the end of the URL"
        case .accessRefused: grant
        case .limitReached:
            "raise the limit (`rabbitmqctl list_vhost_limits`, `rabbitmqctl list_user_limits --user \(quoted(user))`), "
                + "or close connections"
        case .unavailable: "`rabbitmqctl restart_vhost -p \(quoted(virtualHost))`, and look into the broker's log"
        case .blocked: "give the broker memory or disk: `rabbitmq-diagnostics alarms` tells which it lacks"
        case .tls: "check certificates and the URL's scheme, cacertfile and host name"
        case .outOfResources: "raise this process's limit of open files"
        default: "look into the broker's log"
        }
    }

    /// What to do about something that the broker does not do.
    package func remedy(_ refusal: AMQPRefusal) -> String {
        switch (refusal.error.code, refusal.subject) {
        case (.accessRefused, _): grant
        case (.preconditionFailed, .queue(let name)) where refusal.isUsable:
            "delete it, it is made anew and what it held is issued again: "
                + "`rabbitmqctl delete_queue -p \(quoted(virtualHost)) \(quoted(name))`"
        case (.preconditionFailed, .exchange(let name)) where refusal.isUsable:
            "delete exchange \(quoted(name)) in the management, it is made anew"
        case (.unavailable, _): "start that node again"
        case (.limitReached, _): "raise the limit: `rabbitmqctl list_vhost_limits -p \(quoted(virtualHost))` shows it"
        case (.resourceLocked, _): "close the connection that has it for itself: `rabbitmqctl list_connections`"
        case (.notFound, .consuming), (.notFound, .publishing):
            "it comes back as soon as it may be declared; see the other lines"
        default: "look into the broker's log"
        }
    }

    /// One line for all of them, nil if there are none: the first in full, what is refused alike only named.
    package func line(_ refusals: [AMQPRefusal]) -> String? {
        guard let first = refusals.first, let words = words(refusals) else { return nil }
        return "\(words): \(remedy(first))"
    }

    /// The same without what to do, which is ``remedy(_:)`` of the first.
    package func words(_ refusals: [AMQPRefusal]) -> String? {
        guard let first = refusals.first else { return nil }
        let others = refusals.dropFirst().map { "\($0.subject)" }
        let more = others.isEmpty ? "" : ", as well as \(Self.listed(others))"
        return "\(first.subject)\(more): \(first.error.message)"
    }

    private static func listed(_ names: [String]) -> String {
        let shown = names.prefix(5).joined(separator: ", ")
        return names.count > 5 ? "\(shown) and \(names.count - 5) more" : shown
    }

    private var grant: String {
        "`rabbitmqctl set_permissions -p \(quoted(virtualHost)) \(quoted(user)) '.*' '.*' '.*'` "
            + "(to configure, to write, to read)"
    }

    /// As a shell takes it.
    private func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }
}
