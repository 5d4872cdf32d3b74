internal import BlockingIO
internal import CCurl
internal import CLinux
internal import Glibc

/// The handles of a transfer loop, made before its thread so that failing is reported to the caller.
///
/// `@unchecked Sendable`: immutable; the handles are used by the owner thread only, which is the one place that
/// gets this value.
final class LoopResources: @unchecked Sendable {
    let eventFD: EventFD
    let multi: UnsafeMutableRawPointer
    let epoll: Int32

    init(eventFD: EventFD) throws(HTTPError) {
        CurlLibrary.start()
        let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw HTTPError(.unreachable, "no file descriptor for epoll", url: "") }
        guard let multi = curl_multi_init() else {
            close(epoll)
            throw HTTPError(.unreachable, "libcurl could not start", url: "")
        }
        self.eventFD = eventFD
        self.multi = multi
        self.epoll = epoll
    }

    deinit {
        curl_multi_cleanup(multi)
        close(epoll)
    }
}
