import FleetBoot
import Testing

@testable import OTLPTracing
@testable import TraceExport

@Suite struct TraceSettingsTests {
    private func read(_ environment: [String: String]) throws -> TraceSettings? {
        try TraceSettings(try Settings(environment: environment))
    }

    private static let endpoint = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"]

    private func with(_ name: String, _ value: String) -> [String: String] {
        Self.endpoint.merging([name: value]) { $1 }
    }

    @Test func withoutAnEndpointNothingIsTraced() throws {
        #expect(try read([:]) == nil)
        #expect(try read(["OTEL_TRACES_SAMPLER": "always_on", "OTEL_EXPORTER_OTLP_ENDPOINT": ""]) == nil)
    }

    @Test(arguments: [
        ("http://c:4318", "http://c:4318/v1/traces"), ("https://c/", "https://c/v1/traces"),
        ("http://c/otlp//", "http://c/otlp/v1/traces"), ("http://[::1]:4318", "http://[::1]:4318/v1/traces"),
    ]) func theEndpointIsABase(_ base: String, _ whole: String) throws {
        #expect(try read(["OTEL_EXPORTER_OTLP_ENDPOINT": base])?.destination.url == whole)
    }

    @Test func theEndpointOfTracesIsTakenAsItIs() throws {
        let settings = try read(
            with("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://tempo.example/in?tenant=1"))
        #expect(settings?.destination.url == "https://tempo.example/in?tenant=1")
    }

    @Test(arguments: [
        "localhost:4318", "10.1.2.3", "grpc://c:4317", "http://", "http:///v1", "https:// c", "ftp://c",
        "http://c\u{E9}",
        "http://?a=b",
    ]) func anAddressThatIsNoneIsNamedWithoutItsValue(_ url: String) throws {
        for name in ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] {
            let error = #expect(throws: BootError.self) { try read([name: url]) }
            #expect(error?.message.contains(name) == true)
            #expect(error?.message.contains("http://127.0.0.1:4318") == true)
            #expect(error?.message.contains("'") == false)
            #expect(url.count < 8 || error?.message.contains(url) == false)
        }
    }

    @Test func aBaseHasNoQuery() throws {
        let error = #expect(throws: BootError.self) {
            try read(["OTEL_EXPORTER_OTLP_ENDPOINT": "https://c/?token=abc"])
        }
        #expect(error?.message.contains("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") == true)
        #expect(error?.message.contains("abc") == false)
    }

    // MARK: Sampling

    @Test(arguments: [
        ("always_on", nil, TraceSampler(ratio: 1, followsParent: false)),
        ("always_off", nil, TraceSampler(ratio: 0, followsParent: false)),
        ("traceidratio", "0.25", TraceSampler(ratio: 0.25, followsParent: false)),
        ("traceidratio", nil, TraceSampler(ratio: 1, followsParent: false)),
        ("parentbased_always_on", "nonsense", TraceSampler(ratio: 1, followsParent: true)),
        ("parentbased_always_off", nil, TraceSampler(ratio: 0, followsParent: true)),
        ("parentbased_traceidratio", "1e-3", TraceSampler(ratio: 0.001, followsParent: true)),
        ("", "", TraceSampler(ratio: 1, followsParent: true)),
    ]) func samplersAreThoseOfOpenTelemetry(_ name: String, _ argument: String?, _ sampler: TraceSampler) throws {
        var environment = with("OTEL_TRACES_SAMPLER", name)
        environment["OTEL_TRACES_SAMPLER_ARG"] = argument
        #expect(try read(environment)?.sampler == sampler)
    }

    @Test func anUnknownSamplerIsNamedWithWhatIsAllowed() throws {
        for environment in [with("OTEL_TRACES_SAMPLER", "jaeger_remote"), ["OTEL_TRACES_SAMPLER": "jaeger_remote"]] {
            let error = #expect(throws: BootError.self) { try read(environment) }
            #expect(
                error?.message
                    == "OTEL_TRACES_SAMPLER (environment) is 'jaeger_remote': allowed are always_on, always_off, "
                    + "traceidratio, parentbased_always_on, parentbased_always_off, parentbased_traceidratio")
        }
    }

    @Test(arguments: ["-0.1", "1.01", "half", "50%", "nan", "inf", "0,5"])
    func aRatioIsBetweenNoneAndAll(_ text: String) throws {
        var environment = with("OTEL_TRACES_SAMPLER", "traceidratio")
        environment["OTEL_TRACES_SAMPLER_ARG"] = text
        let error = #expect(throws: BootError.self) { try read(environment) }
        #expect(
            error?.message
                == "OTEL_TRACES_SAMPLER_ARG (environment) is '\(text)': allowed are numbers from 0 to 1")
    }

    // MARK: Pairs

    @Test func headersAndAttributesArePairs() throws {
        var environment = with("OTEL_EXPORTER_OTLP_HEADERS", " Authorization = Bearer%20a%3Db , X-Scope=1,,")
        environment["OTEL_RESOURCE_ATTRIBUTES"] = "deployment.environment.name=prod%2C%20eu,empty=,a=b=c"
        environment["OTEL_SERVICE_NAME"] = "fleet"
        let settings = try #require(try read(environment))
        #expect(
            settings.destination.headers.map { "\($0.name)|\($0.value)" } == ["Authorization|Bearer a=b", "X-Scope|1"])
        #expect(
            settings.attributes.map { "\($0.name)|\($0.value)" }
                == ["deployment.environment.name|prod, eu", "empty|", "a|b=c"])
        #expect(settings.serviceName == "fleet")
    }

    @Test(arguments: [
        "sesame", "=sesame", "X=%zzsesame", "X=sesame%2", "X=%ffsesame", "Content-Type=sesame", "host=sesame",
        "X Y=sesame", "X:=sesame", "X=a%0Asesame", "Transfer-Encoding=sesame", "X=a%00sesame", "X=1,sesame",
    ]) func headersThatCannotBeSentAreNamedWithoutTheirValue(_ text: String) throws {
        let error = #expect(throws: BootError.self) { try read(with("OTEL_EXPORTER_OTLP_HEADERS", text)) }
        #expect(
            error?.message
                == "OTEL_EXPORTER_OTLP_HEADERS (environment) cannot be read: allowed are pairs NAME=VALUE, separated by "
                + "commas, values percent-encoded")
    }

    @Test func attributesThatAreNoPairsAreNamed() throws {
        let error = #expect(throws: BootError.self) { try read(with("OTEL_RESOURCE_ATTRIBUTES", "team")) }
        #expect(
            error?.message
                == "OTEL_RESOURCE_ATTRIBUTES (environment) is 'team': allowed are pairs NAME=VALUE, separated by commas, "
                + "values percent-encoded")
    }
}
