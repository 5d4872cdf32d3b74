import AsyncPrimitives
package import HTTPTransport
package import Logging
package import Tracing

/// Sends spans to a collector in OTLP over HTTP, in batches, beside the process's work.
///
/// Nobody waits for it: what finds no room is dropped and counted, a collector that is away or slow costs spans and nothing
/// else.
package final class OTLPExporter: Sendable {
    /// How much waits, and for how long.
    package struct Pace: Sendable {
        /// Spans that wait to be sent; more are dropped.
        package var queueLimit = 8192
        /// Spans of one request.
        package var batchLimit = 512
        /// The first span of a batch waits so long for others.
        package var delay: Duration = .milliseconds(500)
        /// For one request and its answer.
        package var timeout: Duration = .seconds(10)
        /// A batch that the collector cannot take is given up after this long.
        package var patience: Duration = .seconds(60)
        /// Between the first two tries; doubled each time.
        package var firstPause: Duration = .seconds(1)
        package var longestPause: Duration = .seconds(15)
        /// For all that waits when the process ends.
        package var flushLimit: Duration = .seconds(5)
        /// Between two lines about a collector that does not take spans.
        package var complaintInterval: Duration = .seconds(60)

        /// Those of a process in service.
        package init() {}
    }

    private let destination: OTLPDestination
    private let json: OTLPJSON
    private let client: HTTPClient
    private let pace: Pace
    private let observer: any SpanExportObserver
    private let complaints: ExportComplaints
    private let queue: SpanQueue
    private let stopped = OneShot()

    /// Nothing is sent before ``run()``.
    ///
    /// - Parameters:
    ///   - resource: who records: service name, instance and so on.
    ///   - version: of the program.
    package init(
        to destination: OTLPDestination, resource: SpanAttributes, version: String, client: HTTPClient,
        pace: Pace = Pace(), observer: any SpanExportObserver, logger: Logger
    ) {
        self.destination = destination
        json = OTLPJSON(resource: resource, scope: (name: "mixmyai", version: version))
        self.client = client
        self.pace = pace
        self.observer = observer
        complaints = ExportComplaints(logger: logger, interval: pace.complaintInterval)
        queue = SpanQueue(limit: pace.queueLimit)
    }

    /// Whose spans are sent here.
    package func tracer(_ sampler: TraceSampler) -> OTLPTracer {
        OTLPTracer(sampler: sampler) { [queue, observer] group in
            if !queue.add(group) { observer.spansDropped(group.count) }
        }
    }

    /// Spans that wait to be sent.
    package var waiting: Int { queue.count }

    /// Sends until ``finish()``, and then what waits, as far as there is time.
    package func run() async {
        await withTaskGroup { group in
            group.addTask { await self.work() }
            group.addTask {
                await self.stopped.waitUnlessCancelled()
                try? await Task.sleep(for: self.pace.flushLimit)
            }
            await group.next()
            group.cancelAll()
        }
        queue.close()
        drop(queue.take(upTo: Int.max))
    }

    /// Takes no more spans.
    package func finish() {
        queue.close()
        stopped.open()
    }

    private func work() async {
        for await _ in queue.arrivals {
            await rest(pace.delay)
            await sendAll()
        }
        await sendAll()
    }

    private func sendAll() async {
        while !Task.isCancelled {
            let batch = queue.take(upTo: pace.batchLimit)
            guard !batch.isEmpty else { return }
            await deliver(batch)
        }
    }

    /// Until the collector has taken the batch, or will not, or for as long as there is patience.
    private func deliver(_ batch: [FinishedSpan]) async {
        let body = json.request(batch)
        let start = ContinuousClock.now
        var pause = pace.firstPause
        while true {
            // Whoever ends tries once.
            let isLast = stopped.isOpen
            let answer = await send(body)
            switch answer {
            case .taken(let rejected, let why):
                let failed = min(rejected, batch.count)
                observer.spansExported(batch.count - failed)
                if failed > 0 { fail(failed, "the collector rejects \(failed) spans: \(why.prefix(200))") }
                return
            case .refused(let problem):
                observer.sendFailed()
                return fail(batch.count, problem)
            case .away(let problem, let retryAfter):
                observer.sendFailed()
                let wait = max(retryAfter ?? .zero, pause)
                guard !isLast, !Task.isCancelled, ContinuousClock.now - start + wait < pace.patience else {
                    return fail(batch.count, problem)
                }
                complaints.tell(problem)
                await rest(wait)
                pause = min(pause * 2, pace.longestPause)
            }
        }
    }

    private func send(_ body: [UInt8]) async -> CollectorAnswer {
        var headers: HTTPHeaders = ["Content-Type": "application/json"]
        for header in destination.headers { headers.append(header.name, header.value) }
        do throws(HTTPError) {
            let request = HTTPRequest(method: .post, url: destination.url, headers: headers, body: body)
            let response = try await client.execute(request, timeout: pace.timeout)
            let text = try? await response.body.collect(upTo: 64 * 1024)
            return CollectorAnswer(status: response.status, headers: response.headers, body: text ?? [])
        } catch {
            return CollectorAnswer(error)
        }
    }

    /// Shorter if the process ends. In slices: each wait for a signal would leave something behind at who gives it.
    private func rest(_ duration: Duration) async {
        let end = ContinuousClock.now + duration
        while !stopped.isOpen, !Task.isCancelled, ContinuousClock.now < end {
            try? await Task.sleep(for: min(.milliseconds(100), end - ContinuousClock.now))
        }
    }

    private func fail(_ count: Int, _ problem: String) {
        observer.spansFailed(count)
        complaints.tell(problem)
    }

    private func drop(_ spans: [FinishedSpan]) {
        if !spans.isEmpty { observer.spansDropped(spans.count) }
    }
}
