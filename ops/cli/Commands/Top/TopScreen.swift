import FleetCore

/// Draws the view: the model and a size become lines, nothing else is asked.
struct TopScreen: Sendable {
    let rows: Int
    let columns: Int

    /// At least one of each: a terminal may say that it has none.
    init(rows: Int, columns: Int) {
        self.rows = max(1, rows)
        self.columns = max(1, columns)
    }

    /// Exactly as many lines as there are rows.
    func lines(_ model: TopModel) -> [TopLine] {
        let head = header(model)
        let foot = [footer(model)]
        let body = max(0, rows - head.count - foot.count)
        let lines = Array((head + content(model, body) + foot).prefix(rows))
        return lines + (lines.count..<rows).map { _ in line("") }
    }

    private func line(_ text: String, _ face: TextStyle.Face? = nil) -> TopLine {
        TopLine(text, width: columns, face: face)
    }

    private func content(_ model: TopModel, _ height: Int) -> [TopLine] {
        let lines: [TopLine]
        switch model.mode {
        case .help: lines = Self.help.map { line($0) }
        case .letters(let title, let letters, let place):
            lines = [line(title, .bold)] + scrolled(letters.map(\.line), place, height - 1)
        case .reading(let text, let first): lines = text.dropFirst(first).map { line($0) }
        case .browsing, .asking, .confirming: lines = panes(model, height)
        }
        let shown = Array(lines.prefix(height))
        return shown + (shown.count..<max(shown.count, height)).map { _ in line("") }
    }

    private func scrolled(_ texts: [String], _ place: Int, _ height: Int) -> [TopLine] {
        Self.window(texts.count, place, max(0, height)).map { index in
            TopLine(
                [.init(text: CellText.fit((index == place ? "> " : "  ") + texts[index], columns))],
                isSelected: index == place)
        }
    }

    // MARK: Head and foot

    private func header(_ model: TopModel) -> [TopLine] {
        guard let snapshot = model.snapshot else {
            return [line("mixmyai top", .bold), line(model.problem.map { "away: \($0)" } ?? "reading ...", .yellow)]
        }
        let state = model.problem == nil ? snapshot.state.rawValue : "away"
        let title = CellText.fit("mixmyai top  ", min(columns, 13))
        let health = CellText.fit("fleet \(state)", max(0, min(columns - 13, 15)))
        // On a narrow one the numbers get a line of their own.
        let isNarrow = columns < 100
        let rest = CellText.fit(isNarrow ? "" : "  " + TopPanes.headline(snapshot), max(0, columns - 28))
        let first = TopLine([
            .init(text: title, face: .bold), .init(text: health, face: TextStyle.face(ofState: state)),
            .init(text: rest),
        ])
        let numbers = isNarrow ? [line(TopPanes.headline(snapshot))] : []
        let problem = model.problem.map { [line("the database is away, this is of before: \($0)", .red)] } ?? []
        return [first] + numbers + problem
    }

    private func footer(_ model: TopModel) -> TopLine {
        switch model.mode {
        case .asking(let agentType, let pauses, let text):
            // What is typed stays in sight.
            let question = "\(pauses ? "pause" : "resume") \(PlainText.line(agentType)), because: "
            return line(question + String(text.suffix(max(1, columns - CellText.width(question) - 1))) + "_", .bold)
        case .confirming(let worker): return line("drain \(worker)? y/n", .bold)
        case .letters: return line("enter open  j/k move  q back", .dim)
        case .reading: return line("j/k space scroll  q back", .dim)
        case .help: return line("any key goes back", .dim)
        case .browsing:
            if let notice = model.notice { return line(notice, .bold) }
            return line("tab pane  j/k move  p pause  d drain  enter open  ? help  q quit", .dim)
        }
    }

    private static let help = [
        "tab, left, right   go to another pane", "j, k, down, up     go to another line",
        "p                  pause the selected queue, or let it go on; asks why",
        "d                  drain the selected worker of this machine's fleet; asks first",
        "enter              open what needs attention: a group of dead letters, then a letter",
        "q, Ctrl-C          quit", "",
        "waiting: steps that may go out or whose ticket is at the broker. parked: for a",
        "time, a limit, a circuit or a pause. Numbers are the rows', read once a second;",
        "$/min and calls are of the ledger.",
    ]

    // MARK: Panes

    private func panes(_ model: TopModel, _ height: Int) -> [TopLine] {
        guard let snapshot = model.snapshot else { return [] }
        let heights = heights(model, height)
        return TopModel.Pane.allCases.flatMap { pane -> [TopLine] in
            guard let height = heights[pane], height > 0 else { return [] }
            let grid = TopPanes.grid(pane, snapshot)
            let hasFocus = pane == model.pane
            let selection = model.selection(pane)
            let room = max(0, height - 2)
            let range = Self.window(grid.rows.count, selection ?? 0, room)
            let more = grid.rows.count > range.count ? " (\(range.count) of \(grid.rows.count))" : ""
            let title = line((hasFocus ? "[" : " ") + pane.title + (hasFocus ? "]" : "") + more, .bold)
            let lines = [title] + grid.lines(range, selected: hasFocus ? selection : nil, width: columns)
            return Array(lines.prefix(height))
        }
    }

    /// Title, heading and some lines for each, the rest in turn; on a low screen the pane in focus alone.
    private func heights(_ model: TopModel, _ height: Int) -> [TopModel.Pane: Int] {
        let panes = TopModel.Pane.allCases.filter { $0 == model.pane || !model.names($0).isEmpty }
        let least = 3
        guard height >= least * panes.count else { return [model.pane: height] }
        var heights = Dictionary(uniqueKeysWithValues: panes.map { ($0, min(least, model.names($0).count + 2)) })
        var left = height - heights.values.reduce(0, +)
        // The one in focus first.
        let order = [model.pane] + panes.filter { $0 != model.pane }
        while left > 0,
            let next = order.first(where: { pane in
                (heights[pane] ?? 0) < model.names(pane).count + 2
                    && order.allSatisfy { other in
                        (heights[other] ?? 0) >= (heights[pane] ?? 0)
                            || (heights[other] ?? 0) >= model.names(other).count + 2
                    }
            })
        {
            heights[next, default: 0] += 1
            left -= 1
        }
        return heights
    }

    /// So many of the lines that the selected one is among them.
    static func window(_ count: Int, _ selected: Int, _ height: Int) -> Range<Int> {
        guard count > height else { return 0..<count }
        let first = min(max(0, selected - height / 2), count - height)
        return first..<first + max(0, height)
    }
}
