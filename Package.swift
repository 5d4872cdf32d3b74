// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "mixmyai",
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .systemLibrary(name: "CRabbitMQ"),
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq"),
        .systemLibrary(name: "CHiredis"),
        .systemLibrary(name: "CCurl"),
        .systemLibrary(name: "CLinux"),
        .target(name: "BlockingIO", dependencies: ["CLinux"], swiftSettings: settings),
        .target(name: "FleetCore", swiftSettings: settings),
        .target(
            name: "PostgresClient",
            dependencies: ["CPostgres", "BlockingIO", .product(name: "Logging", package: "swift-log")],
            swiftSettings: settings),
        .target(name: "FleetStore", dependencies: ["FleetCore", "PostgresClient"], swiftSettings: settings),
        .target(
            name: "Scheduling",
            dependencies: ["FleetCore", .product(name: "Logging", package: "swift-log")],
            path: "scheduler/Scheduling", swiftSettings: settings),
        .target(
            name: "Execution",
            dependencies: ["FleetCore", "BlockingIO", .product(name: "Logging", package: "swift-log")],
            path: "workers/Execution", swiftSettings: settings),
        .target(
            name: "Gateway", dependencies: [.product(name: "Hummingbird", package: "hummingbird")],
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
