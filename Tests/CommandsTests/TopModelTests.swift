import FleetCore
import Testing

@testable import Commands
@testable import FleetStore

/// What keys do to the live view, and what a terminal sends for them.
struct TopModelTests {
    static func queue(_ type: String, pause: Hold? = nil, ready: Int = 3) -> QueueOverview {
        QueueOverview(
            agentType: type, pause: pause, ready: ready, dispatched: 1, running: 2, parked: ["circuit_open": 4],
            dead: 5,
            oldestAge: 75, workers: 1, slots: 8)
    }

    static func snapshot(_ queues: [QueueOverview], workers: [String] = ["worker-1"]) -> TopSnapshot {
        var health = HealthFacts()
        health.workers = workers.map {
            WorkerFacts(
                name: $0, state: "active", slots: 8, running: 6, heartbeatAge: 0.2,
                agentTypes: queues.map(\.agentType))
        }
        health.schedulers = [
            SchedulerFacts(name: "s", state: "active", heartbeatAge: 0.5, turns: ["advance": 0.1])
        ]
        var rows = FleetRows()
        rows.tasks = ["pending": 7, "executing": 2]
        rows.calls = [
            FleetRows.Calls(
                provider: "openai", model: "m", outcome: "succeeded", count: 10,
                cost: CostSums(
                    proved: Decimal6(millionths: 1_000_000), expected: Decimal6(millionths: 2_500_000),
                    atMost: Decimal6(millionths: 3_000_000)), recent: 300, recentTokens: 9000)
        ]
        rows.limits = [
            LimitSetting(provider: "openai", limitClass: "*", limits: RateLimits(requests: 400))
        ]
        return TopSnapshot(
            rows: rows, queues: queues, letters: [letters], holds: [], health: health,
            models: TopModelUse.all(rows, models: []))
    }

    @Test func whatWaitsForALimitIsSeenWithAndWithoutCalls() throws {
        var rows = Self.snapshot([]).rows
        func wait(_ provider: String, _ name: String, _ cause: LimitWait.Cause, _ steps: Int) -> FleetRows.LimitedCalls
        {
            FleetRows.LimitedCalls(
                wait: LimitWait(provider: provider, limitClass: name, cause: cause), steps: steps, longest: 1)
        }
        // A model that the catalogue does not know is a class of its own.
        rows.limitedCalls = [wait("openai", "m", .rate, 3), wait("anthropic", "opus", .concurrency, 5)]
        let uses = TopModelUse.all(rows, models: [])
        #expect(uses.map(\.model) == ["class opus", "m"] && uses.map(\.waiting) == [5, 3])
        #expect(uses.map(\.use) == [1, 0.75])
        rows.limitedCalls.append(wait("openai", "m", .concurrency, 1))
        let used = try #require(TopModelUse.all(rows, models: []).last)
        #expect(used.use == 1 && used.waiting == 4)
    }

    static let letters = DeadLetterGroup(
        fingerprint: "abc123", count: 12, tasks: 4, replaying: 0, errorCode: "refused", agentType: "legal", kind: nil,
        model: nil, promptVersion: nil, first: 0, last: 0, example: 9, error: "the prompt was refused")

    private func model(_ types: String...) -> TopModel {
        var model = TopModel()
        model.show(Self.snapshot(types.map { Self.queue($0) }))
        return model
    }

    private func type(_ text: String, into model: inout TopModel) {
        for character in text { _ = model.press(.character(character)) }
    }

    @Test func aQueueIsPausedForAReasonAndOnlyForOne() {
        var model = model("a", "b")
        #expect(model.press(.down) == nil)
        #expect(model.press(.character("p")) == nil)
        // Without a reason nothing happens.
        let tooEarly = model.press(.enter)
        type(" it q\u{7}fails ", into: &model)
        _ = model.press(.backspace)
        let effect = model.press(.enter)
        #expect(tooEarly == nil)
        #expect(effect == .pause(agentType: "b", reason: "it q\u{7}fails"))
        #expect(model.mode == .browsing)
        _ = model.press(.character("p"))
        _ = model.press(.escape)
        #expect(model.mode == .browsing)
    }

    @Test func aPausedQueueGoesOn() {
        var model = TopModel()
        let hold = Hold(scope: .agentType("a"), reason: "r", actor: "me", since: 0)
        model.show(Self.snapshot([Self.queue("a", pause: hold)]))
        _ = model.press(.character("p"))
        type("mended", into: &model)
        let effect = model.press(.enter)
        #expect(effect == .resume(agentType: "a", reason: "mended"))
    }

    @Test func aWorkerIsDrainedAfterAYesAlone() {
        var model = model("a")
        _ = model.press(.character("d"))
        #expect(model.mode == .browsing, "no worker is selected")
        _ = model.press(.tab)
        for (key, expected) in [("n", nil), ("y", TopModel.Effect.drain(worker: "worker-1"))] {
            _ = model.press(.character("d"))
            let effect = model.press(.character(Character(key)))
            #expect(effect == expected)
        }
    }

    @Test func aLineStaysSelectedWhereverItMoves() {
        var model = model("a", "b", "c")
        _ = model.press(.down)
        model.show(Self.snapshot(["0", "a", "b", "c"].map { Self.queue($0) }))
        #expect(model.selection(.queues) == 2)
        // It is gone: the one in its place.
        model.show(Self.snapshot(["0", "a"].map { Self.queue($0) }))
        #expect(model.selection(.queues) == 1)
        model.show(Self.snapshot([]))
        #expect(model.selection(.queues) == nil)
        let effects = [TopKey.up, .down, .enter, .character("p")].map { model.press($0) }
        #expect(effects.allSatisfy { $0 == nil })
    }

    @Test func lettersAreOpenedGroupByGroup() {
        var model = model("a")
        _ = model.press(.backTab)
        #expect(model.pane == .attention)
        while model.names(.attention)[model.selection(.attention) ?? 0] != "letters abc123" { _ = model.press(.down) }
        let group = model.press(.enter)
        #expect(group == .openGroup(fingerprint: "abc123"))
        model.show(letters: [.init(id: 4, line: "4"), .init(id: 5, line: "5")], title: "t")
        _ = model.press(.down)
        _ = model.press(.down)
        let letter = model.press(.enter)
        #expect(letter == .openLetter(5))
        model.show(text: "one\ntwo")
        for _ in 0..<9 { _ = model.press(.down) }
        #expect(model.mode == .reading(["one", "two"], 1))
        _ = model.press(.character("q"))
        #expect(model.mode == .browsing)
        #expect(model.press(.character("q")) == .quit)
    }

    @Test func theLimitIsUsedByAllModelsOfItsClass() throws {
        let use = try #require(model("a").snapshot?.models.first)
        #expect(use.calls == 300 && use.use == 0.75 && use.spendPerMinute == 0.5)
    }

    @Test func keysComeInPieces() {
        func keys(_ pieces: [[UInt8]]) -> [TopKey] {
            var parser = TopKeyParser()
            return pieces.flatMap { parser.take($0) }
        }
        let escape: UInt8 = 0x1B
        #expect(keys([Array("\u{1B}[A\u{1B}OB\u{1B}[Z\t\r".utf8)]) == [.up, .down, .backTab, .tab, .enter])
        #expect(keys([[escape], Array("[".utf8), Array("A".utf8)]) == [.up])
        #expect(keys([[escape], []]) == [.escape])
        #expect(keys([[escape] + Array("q".utf8)]) == [.escape, .character("q")])
        #expect(keys([[0xC3], [0xA4]]) == [.character("ä")])
        #expect(keys([[0xC3], [], Array("x".utf8)]) == [.character("x")])
        #expect(keys([[0xFF, 0x80, 0x03, 0x7F, 0x01]]) == [.interrupt, .backspace])
        // A mouse, a function key, what is pasted in brackets.
        #expect(keys([Array("\u{1B}[15~\u{1B}[200~".utf8)]) == [])
    }
}
