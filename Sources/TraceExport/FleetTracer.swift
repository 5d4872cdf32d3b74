package import FleetBoot
import FleetCore
import FleetMetrics
import Foundation
import Glibc
import HTTPTransport
import OTLPTracing
package import ServiceLifecycle
import Telemetry
package import Tracing

/// A process's traces, as its settings want them.
package struct FleetTracer: Sendable {
    /// Nil: nothing is traced.
    package let tracer: (any Tracer)?
    /// Sends what is recorded. Stands before all that records, so that it ends after them.
    package let services: [any Service]

    /// - Throws: ``BootError`` if a setting cannot be what was meant.
    package init(_ context: ProcessContext, role: String) throws {
        let metrics = TraceMetrics(context.registry)
        let settings = try TraceSettings(context.settings)
        guard let settings, !settings.sampler.isOff else {
            (tracer, services) = (nil, [])
            context.registry.collect(MetricNames.spansWaiting) { [MetricSample(0)] }
            return
        }
        var http = HTTPClientConfiguration()
        http.connectionCacheSize = 1
        http.userAgent = "mixmyai/\(FleetVersion.number)"
        let client = try HTTPClient(configuration: http)
        let exporter = OTLPExporter(
            to: settings.destination, resource: Self.resource(settings, context, role: role),
            version: FleetVersion.number, client: client, observer: MetricObserver(metrics: metrics),
            logger: context.logger)
        context.registry.collect(MetricNames.spansWaiting) { [MetricSample(Double(exporter.waiting))] }
        tracer = exporter.tracer(settings.sampler)
        services = [
            ClosureService([
                {
                    await exporter.run()
                    await client.shutdown()
                }
            ]) { exporter.finish() }
        ]
    }

    /// Who records. What the settings say of it comes before what we know.
    private static func resource(_ settings: TraceSettings, _ context: ProcessContext, role: String) -> SpanAttributes {
        var attributes: SpanAttributes = [:]
        attributes["service.name"] = "mixmyai-\(role)"
        attributes["service.namespace"] = "mixmyai"
        attributes["service.instance.id"] = context.defaultName
        attributes["service.version"] = FleetVersion.number
        attributes["host.name"] = ProcessInfo.processInfo.hostName
        attributes["process.pid"] = Int(getpid())
        // As log lines name it.
        attributes["mixmyai.process.name"] = context.settings.text("MIXMYAI_WORKER_NAME") ?? role
        for (name, value) in settings.attributes { attributes[name] = value }
        if let name = settings.serviceName { attributes["service.name"] = name }
        attributes["telemetry.sdk.name"] = "mixmyai"
        attributes["telemetry.sdk.language"] = "swift"
        attributes["telemetry.sdk.version"] = FleetVersion.number
        return attributes
    }
}

private struct MetricObserver: SpanExportObserver {
    let metrics: TraceMetrics

    func spansExported(_ count: Int) { metrics.spans(count, .exported) }
    func spansDropped(_ count: Int) { metrics.spans(count, .dropped) }
    func spansFailed(_ count: Int) { metrics.spans(count, .failed) }
    func sendFailed() { metrics.sendFailed() }
}
