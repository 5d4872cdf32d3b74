import AsyncPrimitives

extension PrivateStack {
    /// Answers requests, several at once, until the socket is closed.
    func answer(_ conversations: AsyncStream<ControlServer.ControlConversation>) async {
        await withDiscardingTaskGroup { group in
            for await conversation in conversations {
                group.addTask { conversation.reply(await self.reply(to: conversation.request)) }
            }
        }
    }

    private func reply(to request: ControlRequest) async -> ControlReply {
        do throws(PrivateStackError) {
            switch request.command {
            case .status: return ControlReply(status: await status)
            case .down:
                stopRequest.open()
                await ended.waitUnlessCancelled()
            case .scale: try await scale(to: request.count ?? -1)
            case .restart:
                let process = try find(request.name)
                await process.restart()
                try await process.waitUntilReady(givingUpAfter: options.startAttempts)
            case .stop: try await find(request.name).stop()
            case .start:
                let process = try find(request.name)
                await process.start()
                try await process.waitUntilReady(givingUpAfter: options.startAttempts)
            case .drain:
                let process = try find(request.name)
                guard process.program.role == .worker else {
                    throw PrivateStackError(.conflict, "\(process.name) is no worker")
                }
                await process.drain()
            }
            return .success
        } catch {
            return .failure(error)
        }
    }

    /// What runs now.
    package var status: StackStatus {
        get async {
            var rows: [StackStatus.Process] = []
            for process in processes { rows.append(await process.status) }
            rows.sort { ProcessTable.order(($0.role, $0.name), ($1.role, $1.name)) }
            return StackStatus(
                state: phase, pid: ProcessIdentity.own, stateDirectory: options.state.path, processes: rows)
        }
    }

    private func find(_ name: String?) throws(PrivateStackError) -> ManagedProcess {
        guard phase != .stopping else { throw PrivateStackError(.conflict, "the stack is stopping") }
        guard let process = processes.first(where: { $0.name == name }) else {
            let names = processes.map(\.name).joined(separator: ", ")
            throw PrivateStackError(.unknownProcess, "no process \(name ?? ""); there are \(names)")
        }
        return process
    }

    /// Sets the number of workers: the highest numbers end, in order; missing ones start.
    ///
    /// - Throws: `.conflict` while the stack starts, stops or scales, `.startFailed`.
    package func scale(to count: Int) async throws(PrivateStackError) {
        guard phase == .ready else { throw PrivateStackError(.conflict, "the stack is \(phase.rawValue)") }
        guard !isScaling else { throw PrivateStackError(.conflict, "another scaling is under way") }
        guard (0...256).contains(count) else {
            throw PrivateStackError(.conflict, "the number of workers must be 0 to 256")
        }
        isScaling = true
        defer { isScaling = false }
        var kept: Set<String> = []
        var fresh: [ManagedProcess] = []
        for number in 1..<(count + 1) {
            let spec = try workerSpec(number)
            kept.insert(spec.name)
            if !processes.contains(where: { $0.name == spec.name }) { fresh.append(addOwn(spec)) }
        }
        let surplus = processes.filter { $0.program.role == .worker && !kept.contains($0.name) }
        let grace = options.drainLimit
        await withDiscardingTaskGroup { group in
            for process in surplus { group.addTask { await process.retire(within: grace) } }
        }
        // Only now: until it has ended, a worker is in the status and is stopped with the rest.
        processes.removeAll { process in surplus.contains { $0 === process } }
        for process in fresh { try await process.waitUntilReady(givingUpAfter: options.startAttempts) }
    }
}
