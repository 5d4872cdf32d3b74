internal import CCurl

/// One exchange while libcurl works on it. Lives on the owner thread.
///
/// libcurl holds an unretained pointer to it as callback context: the loop's table keeps it alive until the easy
/// handle has been removed from the multi handle, after which no callback comes.
final class Transfer {
    let exchange: Exchange
    let easy: EasyHandle
    /// Why a callback stopped the transfer; libcurl's own code would only say that it did.
    private(set) var refusal: HTTPError?
    private(set) var isSent = false
    private(set) var isAnswered = false
    private(set) var hasNewBytes = false
    var isPaused = false
    /// The reader has left and the rest is dropped.
    var isDiscarded = false
    /// When the last bytes of the body came, in the loop's milliseconds.
    var lastActivity = 0

    private var parser: ResponseHeadParser
    private var headerList: UnsafeMutablePointer<curl_slist>?
    private var body: UnsafeMutableBufferPointer<UInt8>?

    init(exchange: Exchange, request: HTTPRequest, easy: EasyHandle, configuration: HTTPClientConfiguration) {
        self.exchange = exchange
        self.easy = easy
        parser = ResponseHeadParser(limit: configuration.headLimit)
        prepare(request, configuration)
    }

    deinit {
        curl_slist_free_all(headerList)
        body?.deallocate()
    }

    static func from(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    private func prepare(_ request: HTTPRequest, _ configuration: HTTPClientConfiguration) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        easy.set(CURLOPT_WRITEDATA, pointer: context)
        easy.set(CURLOPT_HEADERDATA, pointer: context)
        easy.set(CURLOPT_PREREQDATA, pointer: context)
        easy.set(CURLOPT_PRIVATE, pointer: context)
        easy.set(CURLOPT_URL, request.url)
        easy.set(CURLOPT_TIMEOUT_MS, exchange.timeout)
        let usesHTTP2 =
            request.url.hasPrefix("https:") && (configuration.usesHTTP2 ?? CurlLibrary.hasReliableHTTP2)
        easy.set(CURLOPT_HTTP_VERSION, usesHTTP2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1)
        // The first requests to a peer wait for its first connection to say whether it takes HTTP/2.
        easy.set(CURLOPT_PIPEWAIT, usesHTTP2 ? 1 : 0)
        for field in request.headers.fields {
            // libcurl's notation: `Name;` sends an empty value, `Name:` would drop the field.
            append(header: field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
        if request.headers["accept-encoding"] == nil { append(header: "Accept-Encoding:") }
        // What the handle's last request left: its body's memory is gone, and `DELETE` would replace any method.
        mixmyai_curl_set_string(easy.pointer, CURLOPT_CUSTOMREQUEST, nil)
        easy.set(CURLOPT_POSTFIELDS, pointer: nil)
        easy.set(CURLOPT_HTTPGET, 1)
        switch request.method {
        case .get: break
        case .delete: easy.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        case .post:
            append(header: "Expect:")
            if request.headers["content-type"] == nil { append(header: "Content-Type:") }
            let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(1, request.body.count))
            _ = copy.initialize(from: request.body)
            body = copy
            easy.set(CURLOPT_POST, 1)
            easy.set(CURLOPT_POSTFIELDS, pointer: copy.baseAddress.map(UnsafeMutableRawPointer.init))
            mixmyai_curl_set_off(easy.pointer, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count))
            bodySize = request.body.count
        }
        easy.set(CURLOPT_HTTPHEADER, pointer: headerList.map(UnsafeMutableRawPointer.init))
    }

    private var bodySize = 0

    private func append(header: String) {
        if let list = curl_slist_append(headerList, header) { headerList = list }
    }

    // MARK: Callbacks

    /// Called by libcurl before each sending of the request. libcurl would send it again if a reused connection
    /// ends without an answer; the peer may have begun the paid work, so that decision is not libcurl's.
    func isAboutToSend() -> Bool {
        guard !isSent else { return false }
        isSent = true
        return true
    }

    func receiveHeadLine(_ data: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        let outcome = UnsafeRawBufferPointer(start: data, count: count).withMemoryRebound(to: UInt8.self) {
            parser.feed($0)
        }
        switch outcome {
        case .incomplete: break
        case .head(let head):
            isAnswered = true
            hasNewBytes = true
            // A long prompt is not needed while its answer streams.
            if let sent = body, easy.sentBodyBytes == bodySize {
                sent.deallocate()
                body = nil
            }
            exchange.receive(head)
        case .tooLarge:
            refusal = HTTPError(.tooLarge, "the response head is too large", url: exchange.url, wasSent: true)
            return 0
        case .malformed:
            refusal = HTTPError(.malformed, "the response head is not HTTP", url: exchange.url, wasSent: true)
            return 0
        }
        return count
    }

    func receiveBody(_ data: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        hasNewBytes = true
        let isTaken = UnsafeRawBufferPointer(start: data, count: count).withMemoryRebound(to: UInt8.self) {
            exchange.receive($0)
        }
        guard isTaken else {
            isPaused = true
            return Int(CURL_WRITEFUNC_PAUSE)
        }
        return count
    }

    /// Whether bytes came since the last call.
    func takeNewBytes() -> Bool {
        defer { hasNewBytes = false }
        return hasNewBytes
    }

    /// The exchange's outcome for libcurl's result.
    func error(for result: CURLcode) -> HTTPError? {
        if let refusal { return refusal }
        guard result != CURLE_OK else {
            return isAnswered
                ? nil : HTTPError(.connectionLost, "the response has no head", url: exchange.url, wasSent: isSent)
        }
        return HTTPError(result, url: exchange.url, isSent: isSent, isAnswered: isAnswered)
    }
}
