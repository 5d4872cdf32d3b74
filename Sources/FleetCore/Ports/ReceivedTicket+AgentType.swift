extension ReceivedTicket {
    /// `agent.<type>` is the queue of a type; any other queue stands for itself.
    package var agentType: String {
        queue.hasPrefix("agent.") ? String(queue.dropFirst("agent.".count)) : queue
    }
}
