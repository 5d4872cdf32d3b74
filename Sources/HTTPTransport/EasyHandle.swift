internal import CCurl

/// One libcurl easy handle: what is the same for all requests is set once, the rest before each.
///
/// Used by the owner thread only. Setting an option copies strings, so no pointer outlives its call except the
/// request's header list, body and context, which the transfer owns.
final class EasyHandle {
    let pointer: UnsafeMutableRawPointer

    /// Nil if memory is short.
    init?(configuration: HTTPClientConfiguration) {
        guard let pointer = curl_easy_init() else { return nil }
        self.pointer = pointer
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_PROXY, configuration.proxy ?? "")
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        set(CURLOPT_USERAGENT, configuration.userAgent)
        set(CURLOPT_BUFFERSIZE, configuration.receiveBufferSize)
        // The smallest that libcurl takes; only HTTP/2 uploads use it.
        set(CURLOPT_UPLOAD_BUFFERSIZE, 16 * 1024)
        set(CURLOPT_CONNECTTIMEOUT_MS, configuration.connectTimeout.milliseconds)
        set(CURLOPT_TCP_NODELAY, 1)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_PATH_AS_IS, 1)
        set(CURLOPT_MAXAGE_CONN, max(1, configuration.idleConnectionLifetime.milliseconds / 1000))
        // Undoes what a peer compresses although nobody asked for it; asking for it would make streams come in lumps.
        set(CURLOPT_ACCEPT_ENCODING, "")
        // Removing a handle while its name is being resolved must not wait for the resolver.
        set(CURLOPT_QUICK_EXIT, 1)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let file = configuration.authorityFile {
            set(CURLOPT_CAINFO, file)
            mixmyai_curl_set_string(pointer, CURLOPT_CAPATH, nil)
        }
        mixmyai_curl_set_callback(pointer, CURLOPT_HEADERFUNCTION) { data, size, count, context in
            Transfer.from(context)?.receiveHeadLine(data, size * count) ?? 0
        }
        mixmyai_curl_set_callback(pointer, CURLOPT_WRITEFUNCTION) { data, size, count, context in
            Transfer.from(context)?.receiveBody(data, size * count) ?? 0
        }
        mixmyai_curl_set_before_request(pointer) { context, _, _, _, _ in
            Transfer.from(context)?.isAboutToSend() == true ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
        }
    }

    deinit { curl_easy_cleanup(pointer) }

    func set(_ option: CURLoption, _ value: Int) {
        mixmyai_curl_set_long(pointer, option, value)
    }

    func set(_ option: CURLoption, _ value: String) {
        mixmyai_curl_set_string(pointer, option, value)
    }

    func set(_ option: CURLoption, pointer value: UnsafeMutableRawPointer?) {
        mixmyai_curl_set_pointer(pointer, option, value)
    }

    /// Bytes of the request body that were sent.
    var sentBodyBytes: Int {
        var count: curl_off_t = 0
        mixmyai_curl_get_off(pointer, CURLINFO_SIZE_UPLOAD_T, &count)
        return Int(count)
    }
}
