package import CoreMetrics
package import FleetCore

/// What gateways record.
package struct GatewayMetrics: Sendable {
    /// Records nothing.
    package static let none = GatewayMetrics(NOOPMetricsHandler.instance)

    /// How tasks came.
    package enum Way: String, Sendable, CaseIterable {
        case single, bulk
    }

    /// What owners ask for after that.
    package enum Action: String, Sendable, CaseIterable {
        case cancel, revise, retry
    }

    private let requests: CounterFamily
    private let durations: HistogramFamily
    private let inFlight: GaugeFamily
    private let submitted: CounterFamily
    private let actions: CounterFamily
    private let finished: CounterFamily

    package init(_ factory: any MetricsFactory) {
        requests = CounterFamily(MetricNames.httpRequests, factory)
        durations = HistogramFamily(MetricNames.httpDuration, factory)
        inFlight = GaugeFamily(MetricNames.httpInFlight, factory)
        submitted = CounterFamily(
            MetricNames.tasksSubmitted, factory,
            known: Priority.allCases.flatMap { priority in
                Way.allCases.map { LabelValues(priority.rawValue, $0.rawValue) }
            })
        actions = CounterFamily(
            MetricNames.taskRequests, factory, known: Action.allCases.map { LabelValues($0.rawValue) })
        finished = CounterFamily(
            MetricNames.tasksFinished, factory, known: [LabelValues(TaskStatus.cancelled.rawValue)])
    }

    package func requestBegan() { inFlight.add(1) }
    package func requestEnded() { inFlight.add(-1) }

    /// Called once per request, when its answer's head is decided.
    ///
    /// - Parameters:
    ///   - method: `other` for an unusual one.
    ///   - route: the route's pattern, `none` if there was none: few different values.
    ///   - duration: until the answer was ready, or began for a streamed one.
    package func record(method: String, route: String, status: Int, duration: Duration) {
        requests.add(1, method, route, String(status))
        durations.record(duration, method, route)
    }

    /// They are committed.
    package func submitted(_ tasks: [NewTask], _ way: Way) {
        for task in tasks { submitted.add(1, task.submission.priority.rawValue, way.rawValue) }
    }

    /// It was granted.
    package func asked(_ action: Action) { actions.add(1, action.rawValue) }

    /// A whole task ended by its owner's wish: no scheduler sees that.
    package func cancelled() { finished.add(1, TaskStatus.cancelled.rawValue) }
}
