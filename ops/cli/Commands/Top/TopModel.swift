import FleetCore

/// Everything that the view knows and what keys do to it: a value, without terminal and database.
struct TopModel: Sendable {
    enum Pane: Int, CaseIterable, Sendable {
        case attention, queues, workers, models

        var title: String {
            switch self {
            case .attention: "NEEDS ATTENTION"
            case .queues: "QUEUES"
            case .workers: "WORKERS"
            case .models: "MODELS AND LIMITS"
            }
        }
    }

    /// What somebody is asked, or looks at.
    enum Mode: Sendable, Equatable {
        case browsing
        case help
        /// Why a queue is paused, or goes on.
        case asking(agentType: String, pauses: Bool, text: String)
        case confirming(worker: String)
        /// Letters of a group; the line that is selected.
        case letters(title: String, [Letter], Int)
        /// Text, from a line on.
        case reading([String], Int)
    }

    /// A dead letter as a line.
    struct Letter: Sendable, Equatable {
        var id: Int
        var line: String
    }

    /// What a key asks the shell to do.
    enum Effect: Sendable, Equatable {
        case quit
        case pause(agentType: String, reason: String)
        case resume(agentType: String, reason: String)
        case drain(worker: String)
        case openGroup(fingerprint: String)
        case openLetter(Int)
    }

    private(set) var snapshot: TopSnapshot?
    /// Why the last look failed; what is shown is of before.
    private(set) var problem: String?
    private(set) var pane = Pane.queues
    private(set) var mode = Mode.browsing
    /// What became of what was asked for last.
    private(set) var notice: String?
    /// By name, so that a line that moves stays selected.
    private var selected: [Pane: String] = [:]
    /// Where it was, for a line that is gone.
    private var places: [Pane: Int] = [:]

    // MARK: What comes from outside

    mutating func show(_ snapshot: TopSnapshot) {
        self.snapshot = snapshot
        problem = nil
    }

    mutating func show(problem: String) { self.problem = problem }

    mutating func tell(_ notice: String) { self.notice = notice }

    mutating func show(letters: [Letter], title: String) {
        guard !letters.isEmpty else { return tell("no open letter has this fingerprint any more") }
        mode = .letters(title: title, letters, 0)
    }

    /// - Parameter width: of the screen, where long lines go on in the next one.
    mutating func show(text: String, width: Int = 78) {
        mode = .reading(CellText.wrapped(text, max(20, width)), 0)
    }

    // MARK: What is selected

    /// The names of the lines of a pane.
    func names(_ pane: Pane) -> [String] {
        guard let snapshot else { return [] }
        return switch pane {
        case .attention: snapshot.attention.map(\.name)
        case .queues: snapshot.queues.map(\.agentType)
        case .workers: snapshot.workers.map(\.name)
        case .models: snapshot.models.map { "\($0.provider)/\($0.model)" }
        }
    }

    /// The line that is selected; nil in an empty pane.
    func selection(_ pane: Pane) -> Int? {
        let names = names(pane)
        guard !names.isEmpty else { return nil }
        return selected[pane].flatMap(names.firstIndex) ?? min(places[pane] ?? 0, names.count - 1)
    }

    private mutating func move(by distance: Int) {
        let names = names(pane)
        guard let place = selection(pane) else { return }
        let next = min(max(0, place + distance), names.count - 1)
        selected[pane] = names[next]
        places[pane] = next
    }

    private mutating func turn(by distance: Int) {
        let count = Pane.allCases.count
        pane = Pane(rawValue: (pane.rawValue + distance + count) % count) ?? .queues
    }

    // MARK: Keys

    mutating func press(_ key: TopKey) -> Effect? {
        if key == .interrupt { return .quit }
        switch mode {
        case .browsing: return browse(key)
        case .help:
            mode = .browsing
            return nil
        case .asking(let agentType, let pauses, let text): return ask(key, agentType, pauses, text)
        case .confirming(let worker):
            mode = .browsing
            if key == .character("y") { return .drain(worker: worker) }
            notice = "\(worker) goes on"
            return nil
        case .letters(let title, let letters, let place): return choose(key, title, letters, place)
        case .reading(let lines, let first):
            read(key, lines, first)
            return nil
        }
    }

    private mutating func browse(_ key: TopKey) -> Effect? {
        notice = nil
        switch key {
        case .up, .character("k"): move(by: -1)
        case .down, .character("j"): move(by: 1)
        case .tab, .right, .character("l"): turn(by: 1)
        case .backTab, .left, .character("h"): turn(by: -1)
        case .character("?"): mode = .help
        case .character("q"): return .quit
        case .character("p"): askWhy()
        case .character("d"): askWhetherToDrain()
        case .enter: return open()
        default: break
        }
        return nil
    }

    private mutating func askWhy() {
        guard let snapshot, pane == .queues, let place = selection(.queues) else {
            notice = "p pauses a queue: select one (tab)"
            return
        }
        let queue = snapshot.queues[place]
        mode = .asking(agentType: queue.agentType, pauses: queue.pause == nil, text: "")
    }

    private mutating func ask(_ key: TopKey, _ agentType: String, _ pauses: Bool, _ text: String) -> Effect? {
        switch key {
        case .escape:
            mode = .browsing
            notice = "nothing was changed"
        case .enter:
            let reason = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            guard !reason.isEmpty else { return nil }
            mode = .browsing
            return pauses
                ? .pause(agentType: agentType, reason: reason) : .resume(agentType: agentType, reason: reason)
        case .backspace: mode = .asking(agentType: agentType, pauses: pauses, text: String(text.dropLast()))
        case .character(let character) where text.count < 200:
            mode = .asking(agentType: agentType, pauses: pauses, text: text + String(character))
        default: break
        }
        return nil
    }

    private mutating func askWhetherToDrain() {
        guard pane == .workers, let place = selection(.workers) else {
            notice = "d drains a worker: select one (tab)"
            return
        }
        mode = .confirming(worker: names(.workers)[place])
    }

    private mutating func open() -> Effect? {
        guard pane == .attention, let snapshot, let place = selection(.attention) else { return nil }
        let line = snapshot.attention[place]
        if let fingerprint = line.fingerprint { return .openGroup(fingerprint: fingerprint) }
        show(text: "\(line.name): \(line.state)\n\n\(line.text)\n\nmixmyai health says what to do about ill parts.")
        return nil
    }

    private mutating func choose(_ key: TopKey, _ title: String, _ letters: [Letter], _ place: Int) -> Effect? {
        switch key {
        case .escape, .character("q"): mode = .browsing
        case .up, .character("k"): mode = .letters(title: title, letters, max(0, place - 1))
        case .down, .character("j"): mode = .letters(title: title, letters, min(letters.count - 1, place + 1))
        case .enter: return .openLetter(letters[place].id)
        default: break
        }
        return nil
    }

    private mutating func read(_ key: TopKey, _ lines: [String], _ first: Int) {
        switch key {
        case .escape, .character("q"): mode = .browsing
        case .up, .character("k"): mode = .reading(lines, max(0, first - 1))
        case .down, .character("j"), .enter: mode = .reading(lines, min(max(0, lines.count - 1), first + 1))
        case .character(" "): mode = .reading(lines, min(max(0, lines.count - 1), first + 10))
        default: break
        }
    }
}
