// swift-tools-version: 6.2
import PackageDescription

// The gate takes warnings for errors; a newer compiler's warnings stop nobody who only builds.
let settings: [SwiftSetting] = Context.environment["CI"] == nil ? [] : [.treatAllWarnings(as: .error)]

// In libc's place: memory goes from thread to thread with each delivery, which is what glibc's allocator is slow with. The sanitizers
// have allocators of their own.
let allocator: [LinkerSetting] = [.linkedLibrary("jemalloc", .when(configuration: .release))]

// Dependencies point down: a target imports only what stands below it in this list. CONTRIBUTING.md draws it.
let package = Package(
    name: "deadlined",
    products: [
        .executable(name: "deadlined", targets: ["deadlined"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        .executableTarget(
            name: "deadlined",
            dependencies: [
                "HTTPServer", "Service",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            resources: [.embedInCode("Sample")], linkerSettings: allocator),
        .target(
            name: "Service",
            dependencies: [
                "CTimerFD", "Configuration", "Engine", "HTTPServer", "Journal", "Transport",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .target(
            name: "HTTPServer",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .target(
            name: "Journal",
            dependencies: [
                "Engine", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        .target(
            name: "Engine",
            dependencies: [
                "Messages", "Schedule", .product(name: "HeapModule", package: "swift-collections"),
            ]),
        .target(name: "Configuration", dependencies: ["CYAML", "Messages", "Schedule"]),
        .target(name: "Transport", dependencies: ["CCurl", "Messages"]),
        .target(
            name: "Messages",
            dependencies: [
                "Schedule", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Mustache", package: "swift-mustache"),
            ]),
        .target(name: "Schedule"),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CTimerFD"),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),

        .executableTarget(
            name: "bench",
            dependencies: [
                "Configuration", "Engine", "HTTPServer", "Journal", "Messages", "Schedule", "Service",
                "Transport",
            ],
            path: "Benchmarks/bench", linkerSettings: allocator),
        .executableTarget(
            name: "fuzz", dependencies: ["Configuration", "Messages", "Schedule"], path: "Tests/fuzz"),

        .target(
            name: "Simulation",
            dependencies: [
                "Engine", "Messages", "Schedule", .product(name: "HeapModule", package: "swift-collections"),
            ], path: "Tests/Simulation"),
        .executableTarget(
            name: "simulate", dependencies: ["Configuration", "Simulation"], path: "Tests/simulate"),
        .testTarget(name: "SimulationTests", dependencies: ["Configuration", "Journal", "Simulation"]),

        .testTarget(name: "ScheduleTests", dependencies: ["Schedule"]),
        .testTarget(
            name: "MessagesTests",
            dependencies: ["Messages", .product(name: "Crypto", package: "swift-crypto")], exclude: ["Bodies"]
        ),
        .testTarget(name: "ConfigurationTests", dependencies: ["Configuration"]),
        .testTarget(name: "EngineTests", dependencies: ["Engine", "Simulation"]),
        .testTarget(
            name: "JournalTests",
            dependencies: ["Journal", "Simulation", .product(name: "GRDB", package: "GRDB.swift")]),
        .testTarget(name: "TransportTests", dependencies: ["Transport"]),
        .testTarget(name: "ServiceTests", dependencies: ["HTTPServer", "Service"]),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = settings
}
// Thousands of simulated worlds and of messages in every form: without it `swift test` takes minutes.
let optimized = ["Engine", "Messages", "Schedule", "Simulation"]
for target in package.targets where optimized.contains(target.name) {
    target.swiftSettings = settings + [.unsafeFlags(["-O"], .when(configuration: .debug))]
}
