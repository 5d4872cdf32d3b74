internal import CCurl
internal import Glibc

/// libcurl's process-wide state.
enum CurlLibrary {
    private static let isStarted: Void = {
        // OpenSSL writes with plain write(2): a peer that is gone must be an error code, not a signal.
        signal(SIGPIPE, SIG_IGN)
        curl_global_init(Int(CURL_GLOBAL_DEFAULT))
    }()

    /// Whether this libcurl's HTTP/2 can be trusted with parallel uploads.
    static let hasReliableHTTP2 = (curl_version_info(CURLVERSION_FIRST)?.pointee.version_num ?? 0) >= 0x080200

    /// Initialises libcurl once per process.
    static func start() { _ = isStarted }
}
