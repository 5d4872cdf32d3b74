internal import BlockingIO
internal import CCurl
internal import CLinux
internal import Glibc

/// The owner thread's loop: epoll tells which sockets are ready, libcurl's multi handle works on exactly those.
///
/// `curl_multi_poll` looks at every handle on each wake-up; this costs nothing for streams that are silent.
/// Every method runs on the owner thread; callbacks come from inside `curl_multi_*` calls made here.
final class TransferLoop {
    private let configuration: HTTPClientConfiguration
    private let resources: LoopResources
    private var transfers: [ObjectIdentifier: Transfer] = [:]
    private var idleHandles: [EasyHandle] = []
    /// What epoll watches each socket for.
    private var interests: [Int32: UInt32] = [:]
    /// When libcurl wants to be called for its timeouts, in milliseconds of the monotonic clock.
    private var timer: Int?
    private var nextIdleCheck = 0
    /// Transfers whose readers have left, oldest first, with the time at which patience ends.
    private var discarded: [(end: Int, exchange: ObjectIdentifier)] = []
    private var stopper: CheckedContinuation<Void, Never>?
    private var isStopping = false

    private static let eventLimit = 256
    private static let idleHandleLimit = 64
    private static let discardPatience = 1000

    init(configuration: HTTPClientConfiguration, resources: LoopResources) {
        self.configuration = configuration
        self.resources = resources
    }

    /// Works until told to shut down.
    func run(_ mailbox: OwnerThread<TransferCommand>.Mailbox) {
        install()
        let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: Self.eventLimit)
        defer { events.deallocate() }
        while !isStopping {
            let count = epoll_wait(resources.epoll, events, Int32(Self.eventLimit), waitTime())
            // Negative only for an interrupted wait: the loop goes round.
            for index in 0..<Int(max(0, count)) { handle(events[index]) }
            if let timer, timer <= Self.now() {
                self.timer = nil
                act(CURL_SOCKET_BAD, 0)
            }
            for command in mailbox.drain() { handle(command) }
            collectFinished()
            checkIdle()
            endDiscarded()
        }
        stop(mailbox)
    }

    // MARK: Set-up and end

    private func install() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        mixmyai_curl_multi_set_pointer(resources.multi, CURLMOPT_SOCKETDATA, context)
        mixmyai_curl_multi_set_socket_callback(resources.multi) { _, socket, interest, context, _ in
            TransferLoop.from(context)?.watch(socket, interest)
            return 0
        }
        mixmyai_curl_multi_set_pointer(resources.multi, CURLMOPT_TIMERDATA, context)
        mixmyai_curl_multi_set_timer_callback(resources.multi) { _, milliseconds, context in
            TransferLoop.from(context)?.schedule(milliseconds)
            return 0
        }
        mixmyai_curl_multi_set_long(resources.multi, CURLMOPT_MAXCONNECTS, configuration.connectionCacheSize)
        mixmyai_curl_multi_set_long(resources.multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
        control(EPOLL_CTL_ADD, resources.eventFD.fileDescriptor, EPOLLIN.rawValue)
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> TransferLoop? {
        context.map { Unmanaged<TransferLoop>.fromOpaque($0).takeUnretainedValue() }
    }

    private func stop(_ mailbox: OwnerThread<TransferCommand>.Mailbox) {
        for transfer in transfers.values {
            release(transfer, HTTPError(.shutDown, "shut down", url: transfer.exchange.url, wasSent: transfer.isSent))
        }
        for command in mailbox.close() {
            switch command {
            case .start(let exchange, _): exchange.finish(HTTPError(.shutDown, "shut down", url: exchange.url))
            case .shutDown(let continuation): continuation?.resume()
            case .resume, .cancel, .discard: break
            }
        }
        idleHandles = []
        stopper?.resume()
    }

    // MARK: Events

    private func handle(_ event: epoll_event) {
        guard event.data.fd != resources.eventFD.fileDescriptor else {
            resources.eventFD.clear()
            return
        }
        var action: Int32 = 0
        if event.events & EPOLLIN.rawValue != 0 { action |= CURL_CSELECT_IN }
        if event.events & EPOLLOUT.rawValue != 0 { action |= CURL_CSELECT_OUT }
        if event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { action |= CURL_CSELECT_ERR }
        act(event.data.fd, action)
    }

    private func act(_ socket: curl_socket_t, _ action: Int32) {
        var running: Int32 = 0
        curl_multi_socket_action(resources.multi, socket, action, &running)
    }

    private func handle(_ command: TransferCommand) {
        switch command {
        case .start(let exchange, let request): start(exchange, request)
        case .resume(let exchange): resume(exchange)
        case .discard(let exchange):
            guard let transfer = transfers[ObjectIdentifier(exchange)] else { return }
            transfer.isDiscarded = true
            discarded.append((Self.now() + Self.discardPatience, ObjectIdentifier(exchange)))
            resume(exchange)
        case .cancel(let exchange):
            guard let transfer = transfers[ObjectIdentifier(exchange)] else { return }
            release(transfer, nil)
        case .shutDown(let continuation):
            isStopping = true
            // A second one has nothing to add.
            if stopper == nil { stopper = continuation } else { continuation?.resume() }
        }
    }

    private func resume(_ exchange: Exchange) {
        guard let transfer = transfers[ObjectIdentifier(exchange)], transfer.isPaused else { return }
        transfer.isPaused = false
        transfer.lastActivity = Self.now()
        curl_easy_pause(transfer.easy.pointer, CURLPAUSE_CONT)
    }

    private func start(_ exchange: Exchange, _ request: HTTPRequest) {
        guard let easy = idleHandles.popLast() ?? EasyHandle(configuration: configuration) else {
            exchange.finish(HTTPError(.unreachable, "out of memory", url: exchange.url))
            return
        }
        let transfer = Transfer(exchange: exchange, request: request, easy: easy, configuration: configuration)
        transfers[ObjectIdentifier(exchange)] = transfer
        let status = curl_multi_add_handle(resources.multi, easy.pointer)
        if status != CURLM_OK {
            transfers[ObjectIdentifier(exchange)] = nil
            exchange.finish(HTTPError(.unreachable, "curl multi error \(status.rawValue)", url: exchange.url))
        }
    }

    private func collectFinished() {
        var remaining: Int32 = 0
        while let message = curl_multi_info_read(resources.multi, &remaining)?.pointee {
            guard message.msg == CURLMSG_DONE, let handle = message.easy_handle else { continue }
            var context: UnsafeMutableRawPointer?
            mixmyai_curl_get_pointer(handle, CURLINFO_PRIVATE, &context)
            guard let transfer = Transfer.from(context) else { continue }
            release(transfer, transfer.error(for: message.data.result))
        }
    }

    /// Takes a transfer out of libcurl, which closes an unfinished stream, and ends its exchange.
    private func release(_ transfer: Transfer, _ error: HTTPError?) {
        curl_multi_remove_handle(resources.multi, transfer.easy.pointer)
        transfers[ObjectIdentifier(transfer.exchange)] = nil
        if idleHandles.count < Self.idleHandleLimit { idleHandles.append(transfer.easy) }
        transfer.exchange.finish(error)
    }

    // MARK: Time

    private static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }

    /// Called by libcurl; it forbids calling back from here.
    private func schedule(_ milliseconds: Int) {
        timer = milliseconds < 0 ? nil : Self.now() + milliseconds
    }

    /// Milliseconds for epoll, -1 for as long as it takes.
    private func waitTime() -> Int32 {
        var next = timer
        if configuration.idleTimeout != nil, !transfers.isEmpty { next = min(next ?? .max, nextIdleCheck) }
        if let first = discarded.first { next = min(next ?? .max, first.end) }
        guard let next else { return -1 }
        return Int32(clamping: max(0, next - Self.now()))
    }

    /// Ends transfers whose body was silent for too long, looking at all of them a few times per limit.
    private func checkIdle() {
        guard let limit = configuration.idleTimeout?.milliseconds else { return }
        let now = Self.now()
        guard now >= nextIdleCheck else { return }
        nextIdleCheck = now + max(10, limit / 8)
        for transfer in transfers.values {
            if transfer.takeNewBytes() || transfer.isPaused {
                transfer.lastActivity = now
            } else if transfer.isAnswered && now - transfer.lastActivity >= limit {
                release(
                    transfer, HTTPError(.timedOut, "silent for too long", url: transfer.exchange.url, wasSent: true))
            }
        }
    }

    /// Closes the streams of transfers that did not end by themselves after their readers left.
    private func endDiscarded() {
        guard let first = discarded.first else { return }
        let now = Self.now()
        guard first.end <= now else { return }
        let due = discarded.prefix { $0.end <= now }
        discarded.removeFirst(due.count)
        // An identifier whose exchange is gone may name a later one: only those without a reader are ended.
        for entry in due {
            if let transfer = transfers[entry.exchange], transfer.isDiscarded { release(transfer, nil) }
        }
    }

    // MARK: Sockets

    /// Called by libcurl when its interest in a socket changes.
    private func watch(_ socket: Int32, _ interest: Int32) {
        guard interest != CURL_POLL_REMOVE else {
            interests[socket] = nil
            control(EPOLL_CTL_DEL, socket, 0)
            return
        }
        var wanted: UInt32 = 0
        if interest & CURL_POLL_IN != 0 { wanted |= EPOLLIN.rawValue }
        if interest & CURL_POLL_OUT != 0 { wanted |= EPOLLOUT.rawValue }
        let known = interests.updateValue(wanted, forKey: socket)
        guard known != wanted else { return }
        control(known == nil ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, wanted)
    }

    private func control(_ operation: Int32, _ socket: Int32, _ wanted: UInt32) {
        var event = epoll_event()
        event.events = wanted
        event.data.fd = socket
        guard epoll_ctl(resources.epoll, operation, socket, &event) != 0 else { return }
        // The kernel forgets a closed descriptor by itself and its number comes back for another socket.
        if operation == EPOLL_CTL_ADD && errno == EEXIST {
            epoll_ctl(resources.epoll, EPOLL_CTL_MOD, socket, &event)
        } else if operation == EPOLL_CTL_MOD && errno == ENOENT {
            epoll_ctl(resources.epoll, EPOLL_CTL_ADD, socket, &event)
        }
    }
}
