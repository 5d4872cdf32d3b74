// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let dequeModule = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let heapModule = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let instrumentation = Target.Dependency.product(name: "Instrumentation", package: "swift-distributed-tracing")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let tracing = Target.Dependency.product(name: "Tracing", package: "swift-distributed-tracing")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

func library(
    _ name: String, _ dependencies: [Target.Dependency] = [], path: String? = nil, resources: [Resource] = []
) -> Target {
    .target(name: name, dependencies: dependencies, path: path, resources: resources, swiftSettings: settings)
}

func program(_ name: String, _ dependencies: [Target.Dependency], path: String) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: path, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: settings)
}

let package = Package(
    name: "mixmyai",
    products: [
        .executable(name: "gateway", targets: ["gateway"]),
        .executable(name: "scheduler", targets: ["scheduler"]),
        .executable(name: "worker", targets: ["worker"]),
        .executable(name: "provider-twin", targets: ["provider-twin"]),
        .executable(name: "mixmyai", targets: ["mixmyai"]),
        .executable(name: "fleet-bench", targets: ["fleet-bench"]),
    ],
    dependencies: [
        // Without the trait that adds swift-configuration: FleetBoot reads the settings.
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", exact: "1.7.3"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CRabbitMQ"),
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq"),
        .systemLibrary(name: "CHiredis"),
        .systemLibrary(name: "COpenSSL"),
        .systemLibrary(name: "CCurl"),
        .systemLibrary(name: "CZlib"),
        .systemLibrary(name: "CLua", pkgConfig: "lua5.1"),

        library("AsyncPrimitives"),
        library("JSON"),
        library("UTC"),
        library("BlockingIO", ["CLinux"]),
        library("AMQPClient", ["AsyncPrimitives", "BlockingIO", "CRabbitMQ", dequeModule, logging]),
        library("PostgresClient", ["CPostgres", "BlockingIO", logging]),
        library("RedisClient", ["CHiredis", "COpenSSL", "BlockingIO", logging]),
        library("HTTPTransport", ["CCurl", "CLinux", "BlockingIO"]),

        library("TraceContext", [instrumentation]),
        library(
            "OTLPTracing", ["AsyncPrimitives", "HTTPTransport", "JSON", "TraceContext", logging, tracing]),

        library("FleetCore", ["JSON", "UTC"]),
        library("FleetMetrics", ["FleetCore", coreMetrics]),
        library("FleetTracing", ["FleetCore", "TraceContext", logging, tracing]),
        library("Autoscaling", ["FleetCore", "JSON", "UTC"]),
        library(
            "FleetStore", ["Autoscaling", "FleetCore", "JSON", "PostgresClient", "UTC"],
            resources: [
                "0001-initial-schema", "0002-operations", "0003-batches", "0004-health", "0005-lean-rows",
                "0006-limit-waits",
            ].map {
                .embedInCode("Migrations/\($0).sql")
            }),
        library("FleetBus", ["AMQPClient", "AsyncPrimitives", "FleetCore"]),
        library(
            "FleetLimits", ["AsyncPrimitives", "FleetCore", "RedisClient", dequeModule],
            resources: ["prelude", "exchange", "recount", "begin", "restore"].map {
                .embedInCode("Scripts/\($0).lua")
            }),
        library("Catalogues", ["FleetCore", "JSON", yams]),
        library("FleetSettings", ["Catalogues"]),
        library("Providers", ["FleetCore", "HTTPTransport", "JSON", "UTC"]),
        library(
            "Scheduling", ["AsyncPrimitives", "FleetCore", "FleetMetrics", "FleetTracing", logging],
            path: "scheduler/Scheduling"),
        library(
            "Execution", ["AsyncPrimitives", "FleetCore", "FleetMetrics", "FleetTracing", "JSON", logging],
            path: "workers/Execution"),
        library(
            "HTTPServing", [dequeModule, hummingbird, hummingbirdCore, httpTypes, logging, nioCore, nioHTTP1]),
        library(
            "Gateway",
            [
                "FleetCore", "FleetMetrics", "FleetTracing", "HTTPServing", "JSON", "UTC", hummingbird, hummingbirdCore,
                httpTypes, logging,
            ]),
        library("ProcessProbes", ["HTTPServing", hummingbird, httpTypes, logging]),
        library("Telemetry", ["FleetMetrics", "UTC", coreMetrics, logging]),
        library(
            "ProviderTwin",
            [
                "HTTPServing", "JSON", "Telemetry", "UTC", hummingbird, hummingbirdCore, httpTypes, lifecycle, logging,
                nioCore, nioPosix, unixSignals,
            ]),
        library("PrivateStack", ["AsyncPrimitives", "BlockingIO", "CLinux", logging]),
        library(
            "WorkerAssembly",
            ["Execution", "FleetCore", "FleetLimits", "FleetMetrics", "FleetTracing", logging],
            path: "workers/Assembly"),
        library(
            "FleetBoot",
            [
                "Catalogues", "FleetCore", "FleetSettings", "HTTPServing", "ProcessProbes", "Telemetry", "UTC",
                lifecycle, unixSignals, logging,
            ]),
        library(
            "FleetConnections",
            [
                "AMQPClient", "FleetBoot", "FleetBus", "FleetStore", "PostgresClient", "ProcessProbes", "RedisClient",
                logging,
            ]),
        library(
            "ConnectionMetrics",
            ["AMQPClient", "FleetCore", "FleetMetrics", "PostgresClient", "RedisClient", "Telemetry"]),
        library(
            "TraceExport",
            [
                "FleetBoot", "FleetCore", "FleetMetrics", "HTTPTransport", "OTLPTracing", "Telemetry", lifecycle,
                tracing,
            ]),
        library("FleetTesting", ["Catalogues", "FleetCore", "JSON"]),
        library(
            "FleetSimulation",
            [
                "CLua", "Execution", "FleetCore", "FleetLimits", "FleetTesting", "RedisClient", "Scheduling",
                "WorkerAssembly", heapModule, logging,
            ]),

        library("ScalingSimulation", ["Autoscaling", "FleetCore", "FleetTesting"]),
        library(
            "Commands",
            [
                "AMQPClient", "Autoscaling", "CZlib", "Catalogues", "FleetBus", "FleetCore", "FleetSettings",
                "FleetStore",
                "HTTPTransport", "JSON",
                "PostgresClient", "PrivateStack", "Providers", "RedisClient", "UTC", argumentParser, logging,
            ],
            path: "ops/cli/Commands"),
        library("FleetInterleaver", ["FleetCore", "FleetStore", "FleetTesting", "JSON", "PostgresClient"]),

        program(
            "gateway",
            [
                "AMQPClient", "ConnectionMetrics", "FleetBoot", "FleetBus", "FleetConnections", "FleetCore",
                "FleetMetrics",
                "FleetStore", "FleetTracing", "Gateway", "PostgresClient", "RedisClient", "Telemetry", "TraceExport",
                lifecycle, logging,
            ], path: "Sources/GatewayApp"),
        program(
            "scheduler",
            [
                "AMQPClient", "Autoscaling", "Catalogues", "ConnectionMetrics", "FleetBoot", "FleetBus",
                "FleetConnections", "FleetCore",
                "FleetMetrics", "FleetStore", "FleetTracing", "PostgresClient", "ProcessProbes", "Scheduling",
                "TraceExport", coreMetrics, lifecycle, logging,
            ], path: "scheduler/App"),
        program(
            "worker",
            [
                "AMQPClient", "Catalogues", "ConnectionMetrics", "Execution", "FleetBoot", "FleetBus",
                "FleetConnections",
                "FleetCore", "FleetMetrics", "FleetStore", "FleetTracing", "HTTPTransport", "PostgresClient",
                "Providers",
                "ProcessProbes", "RedisClient", "TraceExport", "WorkerAssembly", lifecycle, logging,
            ], path: "workers/App"),
        program("provider-twin", ["ProviderTwin", argumentParser], path: "Sources/ProviderTwinApp"),
        program("broker-relay", ["BrokerRelay", argumentParser], path: "ops/relay"),
        program(
            "fleet-interleaver", ["FleetInterleaver", "FleetStore", "TestServers", argumentParser],
            path: "ops/interleaver"),
        program("autoscale-simulator", ["ScalingSimulation", argumentParser], path: "ops/autoscaler"),
        program("fleet-simulator", ["FleetSimulation", argumentParser], path: "ops/simulator"),
        program("mixmyai", ["Commands"], path: "ops/cli/App"),
        program(
            "fleet-bench",
            [
                "AMQPClient", "Catalogues", "Execution", "FleetBus", "FleetCore", "FleetMetrics", "FleetStore",
                "HTTPTransport", "JSON",
                "PostgresClient", "Providers", "RedisClient", "UTC", "WorkerAssembly", argumentParser, logging,
                unixSignals,
            ],
            path: "ops/benchmarks/program"),

        tests(
            "AnswerQualityTests",
            [
                "Catalogues", "Execution", "FleetCore", "FleetMetrics", "FleetTesting", "HTTPTransport", "JSON",
                "Providers", "ProviderTwin", "RepositoryFixtures",
            ]),
        tests("AutoscalingTests", ["Autoscaling", "FleetCore", "FleetTesting", "JSON"]),
        tests("AMQPClientTests", ["AMQPClient", "BrokerRelay", logging, "TestServers"]),
        tests("BlockingIOTests", ["BlockingIO"]),
        tests("CataloguesTests", ["Catalogues", "FleetCore", "Providers", "RepositoryFixtures"]),
        tests(
            "CommandsTests",
            [
                "BrokerRelay", "Commands", "FleetCore", "FleetSettings", "FleetStore", "JSON", "PostgresClient",
                "PrivateStack", "ScriptedPeer", "TestServers", argumentParser,
            ]),
        tests("AsyncPrimitivesTests", ["AsyncPrimitives"]),
        tests(
            "ExecutionTests",
            [
                "Catalogues", "Execution", "FleetCore", "FleetMetrics", "FleetTesting", "FleetTracing", "JSON",
                "OTLPTracing", "RepositoryFixtures", "TraceContext", logging, tracing,
            ]),
        tests("FleetBootTests", ["FleetBoot", "ProcessProbes"]),
        tests("TraceContextTests", ["TraceContext"]),
        tests(
            "OTLPTracingTests",
            ["HTTPTransport", "JSON", "OTLPTracing", "ScriptedPeer", "TraceContext", logging, tracing]),
        tests(
            "FleetTracingTests",
            ["FleetCore", "FleetTesting", "FleetTracing", "OTLPTracing", "TraceContext", logging, tracing]),
        tests("TraceExportTests", ["FleetBoot", "OTLPTracing", "TraceExport"]),
        tests("FleetMetricsTests", ["FleetCore", "FleetMetrics", "Telemetry"]),
        tests("FleetSettingsTests", ["FleetSettings"]),
        tests("FleetCoreTests", ["FleetCore", "FleetTesting", "JSON"]),
        tests("ScalingSimulationTests", ["ScalingSimulation"]),
        tests(
            "SchedulingTests",
            [
                "AsyncPrimitives", "FleetCore", "FleetMetrics", "FleetSimulation", "FleetTesting", "FleetTracing",
                "Scheduling", logging,
            ]),
        tests("FleetSimulationTests", ["FleetSimulation"]),
        tests(
            "FleetBusTests",
            ["AMQPClient", "BrokerRelay", "FleetBus", "FleetCore", "FleetSimulation", "TestServers", logging]),
        tests(
            "FleetLimitsTests",
            ["FleetCore", "FleetLimits", "FleetSimulation", "FleetTesting", "RedisClient", "TestServers"]),
        tests(
            "FleetStoreTests",
            [
                "Autoscaling", "FleetCore", "FleetInterleaver", "FleetSimulation", "FleetStore", "FleetTesting", "JSON",
                "PostgresClient", "TestServers",
            ], exclude: ["Fixtures"]),
        tests("FleetInterleaverTests", ["FleetInterleaver", "FleetStore", "PostgresClient", "TestServers"]),
        tests(
            "GatewayTests",
            [
                "FleetCore", "FleetMetrics", "FleetStore", "Gateway", "HTTPServing", "JSON", "PostgresClient",
                "ProcessProbes", "TestServers", coreMetrics, hummingbird, lifecycle, logging, nioCore, nioPosix,
            ]),
        tests(
            "FleetProcessTests",
            [
                "Autoscaling", "BrokerRelay", "FleetCore", "FleetMetrics", "FleetStore", "FleetTracing",
                "PostgresClient",
                "RepositoryFixtures", "Telemetry", "TestServers", "TraceContext",
                "mixmyai", "gateway", "scheduler", "worker", "provider-twin",
            ]),
        tests("JSONTests", ["JSON"]),
        tests("UTCTests", ["UTC"]),
        tests("HTTPServingTests", ["HTTPServing", nioCore, nioEmbedded, nioHTTP1]),
        library("RepositoryFixtures", ["Catalogues"], path: "Tests/RepositoryFixtures"),
        library("ScriptedPeer", path: "Tests/ScriptedPeer"),
        library("BrokerRelay", path: "Tests/BrokerRelay"),
        library("TestServers", ["CLinux", "PostgresClient"], path: "Tests/TestServers"),
        tests("HTTPTransportTests", ["HTTPTransport", "ScriptedPeer", "TestServers"]),
        tests("PostgresClientTests", ["AsyncPrimitives", "PostgresClient", "ScriptedPeer", "TestServers"]),
        tests("PrivateStackTests", ["PrivateStack", logging]),
        tests(
            "ProviderTwinTests", ["JSON", "ProviderTwin", "UTC", lifecycle, logging, nioCore, nioPosix],
            exclude: ["sdk_check.py"]),
        tests("ProvidersTests", ["FleetCore", "HTTPTransport", "JSON", "Providers", "ScriptedPeer"]),
        tests("RedisClientTests", ["RedisClient", "TestServers"]),
        tests("TelemetryTests", ["FleetMetrics", "Telemetry", logging]),
    ],
    swiftLanguageModes: [.v6]
)
