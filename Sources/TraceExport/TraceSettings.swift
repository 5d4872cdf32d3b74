import FleetBoot
import HTTPTransport
import OTLPTracing
import Tracing

/// What the settings say of traces.
struct TraceSettings {
    /// As OpenTelemetry names them.
    private enum Sampler: String, CaseIterable {
        case alwaysOn = "always_on"
        case alwaysOff = "always_off"
        case ratio = "traceidratio"
        case parentOn = "parentbased_always_on"
        case parentOff = "parentbased_always_off"
        case parentRatio = "parentbased_traceidratio"
    }

    let destination: OTLPDestination
    let sampler: TraceSampler
    /// Beside what the process says of itself.
    let attributes: [(name: String, value: String)]
    /// Nil: the process's own.
    let serviceName: String?

    /// Nil without an endpoint: then nothing is traced. Wrong values are told of in any case.
    init?(_ settings: Settings) throws(BootError) {
        let url = try Self.url(settings)
        let headers = try Self.headers(settings)
        sampler = try Self.sampler(settings)
        attributes = try Self.pairs("OTEL_RESOURCE_ATTRIBUTES", settings, isSecret: false)
        serviceName = settings.text("OTEL_SERVICE_NAME")
        guard let url else { return nil }
        destination = OTLPDestination(url: url, headers: headers)
    }

    private static func url(_ settings: Settings) throws(BootError) -> String? {
        let whole = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
        if let url = settings.text(whole) {
            guard isAddress(url) else { throw notAnAddress(whole, settings) }
            return url
        }
        let base = "OTEL_EXPORTER_OTLP_ENDPOINT"
        guard var url = settings.text(base) else { return nil }
        guard isAddress(url) else { throw notAnAddress(base, settings) }
        guard !url.contains(where: { $0 == "?" || $0 == "#" }) else {
            throw settings.complaint(
                about: base, isSecret: true, "with a query the whole address has to stand in \(whole)")
        }
        while url.hasSuffix("/") { url.removeLast() }
        return url + "/v1/traces"
    }

    private static func isAddress(_ url: String) -> Bool {
        guard let scheme = ["http://", "https://"].first(where: url.hasPrefix) else { return false }
        let rest = url.dropFirst(scheme.count)
        return rest.first.map { $0 != "/" && $0 != "?" && $0 != "#" } ?? false
            && url.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    /// The value is not shown: an address may hold a password.
    private static func notAnAddress(_ name: String, _ settings: Settings) -> BootError {
        settings.complaint(
            about: name, isSecret: true,
            "allowed are addresses such as http://127.0.0.1:4318; OTLP over gRPC is not "
                + "spoken")
    }

    private static func headers(_ settings: Settings) throws(BootError) -> [(name: String, value: String)] {
        let name = "OTEL_EXPORTER_OTLP_HEADERS"
        let headers = try pairs(name, settings, isSecret: true)
        for header in headers {
            let ofTransport = ["content-length", "content-type", "transfer-encoding", "host"]
            guard !ofTransport.contains(header.name.lowercased()),
                header.name.utf8.allSatisfy(HTTPRequest.isToken),
                header.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
            else { throw settings.complaint(about: name, isSecret: true, pairsRule) }
        }
        return headers
    }

    private static let pairsRule = "allowed are pairs NAME=VALUE, separated by commas, values percent-encoded"

    private static func pairs(
        _ name: String, _ settings: Settings, isSecret: Bool
    ) throws(BootError) -> [(name: String, value: String)] {
        guard let text = settings.text(name) else { return [] }
        guard let pairs = SettingPairs.read(text) else {
            throw settings.complaint(about: name, isSecret: isSecret, pairsRule)
        }
        return pairs
    }

    private static func sampler(_ settings: Settings) throws(BootError) -> TraceSampler {
        switch try settings.choice("OTEL_TRACES_SAMPLER", default: Sampler.parentOn) {
        case .alwaysOn: TraceSampler(ratio: 1, followsParent: false)
        case .alwaysOff: TraceSampler(ratio: 0, followsParent: false)
        case .ratio: TraceSampler(ratio: try ratio(settings), followsParent: false)
        case .parentOn: TraceSampler(ratio: 1, followsParent: true)
        case .parentOff: TraceSampler(ratio: 0, followsParent: true)
        case .parentRatio: TraceSampler(ratio: try ratio(settings), followsParent: true)
        }
    }

    private static func ratio(_ settings: Settings) throws(BootError) -> Double {
        let name = "OTEL_TRACES_SAMPLER_ARG"
        guard let text = settings.text(name) else { return 1 }
        guard let ratio = Double(text), (0...1).contains(ratio) else {
            throw settings.complaint(about: name, "allowed are numbers from 0 to 1")
        }
        return ratio
    }
}
