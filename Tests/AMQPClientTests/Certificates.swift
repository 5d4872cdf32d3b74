import Foundation

/// A throw-away authority with a server and a client certificate, and another authority that signed neither.
enum Certificates {
    static func create(in directory: URL) throws {
        try openssl(
            "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.pem", directory)
        try openssl(
            "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=other -keyout other.key -out other.pem", directory)
        try "subjectAltName=DNS:localhost".write(
            to: directory.appending(path: "names"), atomically: true, encoding: .utf8)
        for name in ["server", "client"] {
            try openssl(
                "req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout \(name).key -out \(name).csr", directory)
            try openssl(
                "x509 -req -in \(name).csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names"
                    + " -out \(name).pem", directory)
        }
    }

    private static func openssl(_ arguments: String, _ directory: URL) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments.split(separator: " ").map(String.init)
        process.currentDirectoryURL = directory
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw PrivateBroker.Failure(description: "openssl failed") }
    }
}
