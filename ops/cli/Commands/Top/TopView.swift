import FleetCore
import PrivateStack

/// The live view: keys, looks at the rows and what keys ask for run side by side, and none waits for another.
struct TopView: Sendable {
    private enum Event: Sendable {
        case keys([TopKey])
        case resized
        /// A second has passed.
        case tick
        case snapshot(TopSnapshot)
        case away(String)
        case letters([TopModel.Letter], title: String)
        case text(String)
        case notice(String)
        /// Nobody sits there any more.
        case hungUp
    }

    /// Between two looks at the keyboard: less than anybody notices.
    private static let keyInterval: Duration = .milliseconds(20)
    /// A look that takes longer is told of.
    private static let slowLook: Duration = .seconds(3)

    private let reader: TopReader
    private let global: GlobalOptions
    private let interval: Duration
    private let events: AsyncStream<Event>
    private let event: AsyncStream<Event>.Continuation

    init(_ reader: TopReader, _ global: GlobalOptions, interval: Duration) {
        self.reader = reader
        self.global = global
        self.interval = interval
        (events, event) = AsyncStream.makeStream()
    }

    func run() async throws {
        let terminal = try RawTerminal()
        let wasInterrupted = await withTaskGroup(of: Void.self) { group in
            group.addTask { await look() }
            group.addTask { await listen(to: terminal) }
            var (model, wasInterrupted, heardAt) = (TopModel(), false, ContinuousClock.now)
            draw(model, terminal)
            for await next in events {
                if case .hungUp = next { break }
                if case .keys(let keys) = next {
                    let effects = keys.compactMap { model.press($0) }
                    wasInterrupted = keys.contains(.interrupt)
                    if effects.contains(.quit) { break }
                    for effect in effects { group.addTask { await carryOut(effect) } }
                }
                if case .snapshot = next { heardAt = .now }
                let silence = ContinuousClock.now - heardAt
                if case .tick = next, silence > interval + Self.slowLook {
                    model.show(problem: "it has not answered for \(silence.components.seconds) s")
                }
                take(next, into: &model, width: terminal.size().columns)
                draw(model, terminal)
            }
            // A look that hangs is waited for, the terminal is not.
            terminal.close()
            group.cancelAll()
            return wasInterrupted
        }
        if wasInterrupted { throw CommandExit.interrupted.code }
    }

    private func take(_ event: Event, into model: inout TopModel, width: Int) {
        switch event {
        case .keys, .resized, .tick, .hungUp: break
        case .snapshot(let snapshot): model.show(snapshot)
        case .away(let problem): model.show(problem: problem)
        case .letters(let letters, let title): model.show(letters: letters, title: title)
        case .text(let text): model.show(text: text, width: width)
        case .notice(let notice): model.tell(notice)
        }
    }

    private func draw(_ model: TopModel, _ terminal: RawTerminal) {
        let size = terminal.size()
        let screen = TopScreen(rows: size.rows, columns: size.columns)
        terminal.draw(screen.lines(model), global.console.style)
    }

    /// Looks at the rows; while they are away, again and again.
    private func look() async {
        while !Task.isCancelled {
            let began = ContinuousClock.now
            do {
                event.yield(.snapshot(try await reader.snapshot()))
            } catch {
                if !Task.isCancelled { event.yield(.away("\(error)")) }
            }
            try? await Task.sleep(until: began + interval, clock: .continuous)
        }
    }

    private func listen(to terminal: RawTerminal) async {
        var (parser, size, tick) = (TopKeyParser(), terminal.size(), ContinuousClock.now)
        while !Task.isCancelled {
            guard let bytes = terminal.typed() else {
                event.yield(.hungUp)
                return
            }
            let keys = parser.take(bytes)
            if !keys.isEmpty { event.yield(.keys(keys)) }
            if ContinuousClock.now - tick >= .seconds(1) {
                tick = .now
                event.yield(.tick)
            }
            let present = terminal.size()
            if present != size {
                size = present
                event.yield(.resized)
            }
            try? await Task.sleep(for: Self.keyInterval)
        }
    }

    /// What a key has asked for; it says what became of it.
    private func carryOut(_ effect: TopModel.Effect) async {
        do {
            switch effect {
            case .quit: break
            case .pause(let agentType, let reason):
                event.yield(.notice(try await reader.pause(agentType, reason: reason)))
            case .resume(let agentType, let reason):
                event.yield(.notice(try await reader.resume(agentType, reason: reason)))
            case .drain(let worker):
                try await StackControl(global.state).drain(worker)
                event.yield(.notice("\(worker) takes nothing new and stops when its calls have ended"))
            case .openGroup(let fingerprint):
                event.yield(.letters(try await reader.letters(fingerprint), title: "DEAD LETTERS \(fingerprint)"))
            case .openLetter(let id):
                let letter = try await reader.letter(id)
                let console = Console(format: .text, color: .never, environment: [:])
                event.yield(
                    letter.map { .text(DeadLetterView($0).text(console)) } ?? .notice("there is no letter \(id)"))
            }
        } catch {
            if !Task.isCancelled { event.yield(.notice("it failed: \(error)")) }
        }
    }
}
