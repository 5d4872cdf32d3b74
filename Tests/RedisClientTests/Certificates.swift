import Foundation

/// Throw-away certificates: an authority that signed one for this machine, one for another host and one for a
/// client, and an authority that signed none of them.
struct Certificates: Sendable {
    struct OpenSSLFailed: Error {}

    private let directory: URL

    /// Creates the files, runs `body`, removes the files.
    static func with(_ body: (Certificates) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(
            path: "redis-test-\(UInt64.random(in: 0...UInt64.max))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let certificates = Certificates(directory: directory)
        for name in ["authority", "other"] {
            try certificates.openssl("req -x509 \(newKey) -days 2 -subj /CN=\(name)", output: name)
        }
        try certificates.sign("server", for: "DNS:localhost,IP:127.0.0.1")
        try certificates.sign("stranger", for: "DNS:elsewhere.example,IP:127.0.0.2")
        try certificates.sign("client", for: "DNS:client.example")
        try await body(certificates)
    }

    /// Path of a certificate: `authority`, `other`, `server`, `stranger` or `client`.
    func certificate(_ name: String) -> String { directory.appending(path: "\(name).pem").path }

    /// Path of the key that belongs to it.
    func key(_ name: String) -> String { directory.appending(path: "\(name).key").path }

    private static let newKey = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"

    private func sign(_ name: String, for names: String) throws {
        try "subjectAltName=\(names)".write(
            to: directory.appending(path: "\(name).names"), atomically: true, encoding: .utf8)
        try openssl("req \(Self.newKey) -subj /CN=\(name)", output: name)
        try openssl(
            "x509 -req -in \(name).pem -CA authority.pem -CAkey authority.key -CAcreateserial -days 2"
                + " -extfile \(name).names",
            output: name, hasKey: false)
    }

    private func openssl(_ arguments: String, output: String, hasKey: Bool = true) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = (arguments + " -out \(output).pem" + (hasKey ? " -keyout \(output).key" : ""))
            .split(separator: " ").map(String.init)
        process.currentDirectoryURL = directory
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw OpenSSLFailed() }
    }
}
