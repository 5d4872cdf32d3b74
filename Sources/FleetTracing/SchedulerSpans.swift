package import FleetCore
import TraceContext
package import Tracing

/// What schedulers record of tasks, and what they put on tickets.
package struct SchedulerSpans: Sendable {
    /// Records nothing.
    package static let none = SchedulerSpans(nil)

    private struct HeaderInjector: Injector {
        func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
            carrier[key] = value
        }
    }

    private let tracer: (any Tracer)?

    /// - Parameter tracer: nil: nothing is recorded, and nothing is done for it.
    package init(_ tracer: (any Tracer)?) {
        self.tracer = tracer
    }

    /// The tickets, each with the `traceparent` of its task.
    package func traced(_ tickets: [Ticket]) -> [Ticket] {
        guard let tracer else { return tickets }
        return tickets.map { ticket in
            var context = InstrumentationContext.topLevel
            context.currentSpan = TaskTrace(task: ticket.taskID).rootReference
            var headers: [String: String] = [:]
            tracer.inject(context, into: &headers, using: HeaderInjector())
            var ticket = ticket
            ticket.traceparent = headers[TraceParent.header]
            return ticket
        }
    }

    /// The span of each task that has ended for the first time: whoever ended it tells of it, once.
    package func ended(_ tasks: [FinishedTask]) {
        guard let tracer, !tasks.isEmpty else { return }
        for task in tasks {
            guard let createdAt = task.createdAt else { continue }
            TaskSpan.record(
                task.taskID, status: task.status, priority: task.priority, createdAt: createdAt,
                end: DefaultTracerClock.now, tracer)
        }
    }
}
