import FleetCore

/// Makes the sections of a prompt fit: each within its budget, all within the prompt's cap, every cut marked.
///
/// Sections that must not be cut come first. The others get their budgets, those that may grow what is left, in the order
/// of the manifest; if not even the budgets fit, they shrink in proportion. The same sections give the same prompt.
struct PromptFitter {
    /// A section and what is to be shown in it.
    struct Draft: Equatable {
        var section: InputSection
        var elements: [PromptElement]

        var size: Int { elements.reduce(0) { $0 + $1.size + 1 } }
    }

    /// Tokens of a byte: a quarter, times what was learned of the model's tokenizer.
    let tokensPerByte: Double

    init(ratio: Double) {
        tokensPerByte = ratio / 4
    }

    func tokens(_ bytes: Int) -> Int { Int((Double(bytes) * tokensPerByte).rounded(.up)) }
    private func bytes(_ tokens: Int) -> Int { Int(Double(tokens) / tokensPerByte) }

    /// Bytes that a mark takes at most.
    private static let markSize = 120

    /// - Parameter available: tokens for all sections together.
    func fit(_ drafts: [Draft], available: Int) throws(PromptProblem) -> (drafts: [Draft], cuts: [PromptCut]) {
        let sizes = drafts.map(\.size)
        let allowances = try allowances(drafts, sizes, room: bytes(available))
        var fitted = drafts
        var cuts: [PromptCut] = []
        for index in drafts.indices where sizes[index] > allowances[index] {
            let more = shrink(&fitted[index], to: allowances[index])
            guard fitted[index].size <= allowances[index] else {
                throw .tooLarge(
                    section: drafts[index].section.tag, tokens: tokens(sizes[index]),
                    available: tokens(allowances[index]))
            }
            cuts += more
        }
        return (fitted, cuts)
    }

    private func allowances(_ drafts: [Draft], _ sizes: [Int], room: Int) throws(PromptProblem) -> [Int] {
        let budgets = drafts.map { bytes($0.section.budget) }
        if drafts.indices.allSatisfy({ sizes[$0] <= budgets[$0] }), sizes.reduce(0, +) <= room { return sizes }
        let isFixed = drafts.map(\.section.cuts.isEmpty)
        let floors = drafts.indices.map { isFixed[$0] ? sizes[$0] : least(drafts[$0], sizes[$0]) }
        var allowances = drafts.indices.map { max(floors[$0], min(sizes[$0], budgets[$0])) }
        let floor = floors.reduce(0, +)
        guard floor <= room else {
            let largest = drafts.indices.max { floors[$0] < floors[$1] } ?? 0
            throw .tooLarge(
                section: drafts[largest].section.tag, tokens: tokens(floors[largest]),
                available: tokens(max(0, room - (floor - floors[largest]))))
        }
        let wanted = allowances.reduce(0, +)
        if wanted > room {
            let share = Double(room - floor) / Double(wanted - floor)
            return drafts.indices.map { floors[$0] + Int(Double(allowances[$0] - floors[$0]) * share) }
        }
        var spare = room - wanted
        for index in drafts.indices where drafts[index].section.grows && allowances[index] < sizes[index] {
            let more = min(sizes[index] - allowances[index], spare)
            allowances[index] += more
            spare -= more
        }
        return allowances
    }

    /// What a section takes when everything is left out that may be; of what may be cut something stays, or a section
    /// would be a name without content.
    private func least(_ draft: Draft, _ size: Int) -> Int {
        var rest = draft
        _ = shrink(&rest, to: 0)
        return min(size, max(rest.size, 4 * Self.markSize))
    }

    private func shrink(_ draft: inout Draft, to limit: Int) -> [PromptCut] {
        var cuts: [PromptCut] = []
        for cut in draft.section.cuts where draft.size > limit {
            switch cut {
            case .context: cuts += shortenLargest(in: &draft, to: limit, TextCutter.context) { $0 == .context }
            case .tail:
                cuts += shortenLargest(in: &draft, to: limit, TextCutter.body) { $0 == .body }
                cuts += shortenLargest(in: &draft, to: limit, TextCutter.json) { $0 == .json }
            case .items: cuts += dropItems(of: &draft, to: limit)
            case .indirect: cuts += dropIndirect(of: &draft, to: limit)
            case .body: cuts += shortenBodies(of: &draft, to: limit)
            }
        }
        return cuts
    }

    // MARK: - Cuts

    /// The largest text of the given parts first, each as far as needed.
    private func shortenLargest(
        in draft: inout Draft, to limit: Int, _ cutter: (String, Int) -> String,
        _ isMeant: (PromptElement.Part) -> Bool
    ) -> [PromptCut] {
        var cuts: [PromptCut] = []
        let leaves = draft.leaves(isMeant).sorted { $0.size > $1.size }
        for leaf in leaves {
            let excess = draft.size - limit
            guard excess > 0 else { break }
            let goal = max(0, leaf.size - excess - Self.markSize)
            cuts += shorten(leaf.path, of: &draft, to: goal, cutter)
        }
        return cuts
    }

    /// Every body gets the same room; what short ones leave is shared by the longer ones.
    private func shortenBodies(of draft: inout Draft, to limit: Int) -> [PromptCut] {
        let bodies = draft.leaves { $0 == .body }
        var room = limit - (draft.size - bodies.reduce(0) { $0 + $1.size }) - bodies.count * Self.markSize
        var rest = bodies.count
        var cuts: [PromptCut] = []
        for body in bodies.sorted(by: { $0.size < $1.size }) {
            let share = max(0, room) / max(1, rest)
            rest -= 1
            room -= min(body.size, share)
            guard body.size > share else { continue }
            cuts += shorten(body.path, of: &draft, to: share, TextCutter.body)
        }
        return cuts
    }

    private func shorten(
        _ path: [Int], of draft: inout Draft, to goal: Int, _ cutter: (String, Int) -> String
    ) -> [PromptCut] {
        var cuts: [PromptCut] = []
        let section = draft.section.tag
        draft.elements[path[0]].edit(path.dropFirst()) { element in
            let before = PromptElement.escapedSize(element.text)
            let text = cutter(element.text, goal)
            let after = PromptElement.escapedSize(text)
            guard after < before else { return }
            let what = path.count == 1 ? section : "\(section) \(element.tag)"
            let cut = PromptCut(section: section, what: what, kept: tokens(after), of: tokens(before))
            element.text = text
            element.children.append(cut.mark)
            cuts.append(cut)
        }
        return cuts
    }

    /// The last items of the section's lists.
    private func dropItems(of draft: inout Draft, to limit: Int) -> [PromptCut] {
        var cuts: [PromptCut] = []
        for index in draft.elements.indices.reversed() where draft.size > limit {
            // A section is a list itself, or each of its elements has lists.
            let lists =
                draft.elements.count == 1 ? [[index]] : draft.elements[index].listPaths.map { [index] + $0 }
            for path in lists.reversed() {
                let excess = draft.size - limit
                guard excess > 0 else { break }
                let section = draft.section.tag
                draft.elements[index].edit(path.dropFirst()) { list in
                    let before = list.size
                    var dropped = 0
                    while dropped < excess + Self.markSize, let last = list.children.popLast() { dropped += last.size }
                    let what = path.count == 1 ? section : "\(section) \(list.tag)"
                    let cut = PromptCut(
                        section: section, what: what, kept: tokens(before - dropped), of: tokens(before))
                    list.children.append(cut.mark)
                    cuts.append(cut)
                }
            }
        }
        return cuts
    }

    private func dropIndirect(of draft: inout Draft, to limit: Int) -> [PromptCut] {
        let before = draft.size
        var dropped = 0
        for index in draft.elements.indices.reversed() where draft.size + Self.markSize > limit {
            guard draft.elements[index].attributes.contains(where: { $0.name == "indirect" }) else { continue }
            dropped += draft.elements[index].size
            draft.elements.remove(at: index)
        }
        guard dropped > 0 else { return [] }
        let cut = PromptCut(
            section: draft.section.tag, what: "indirect \(draft.section.tag)", kept: tokens(before - dropped),
            of: tokens(before))
        draft.elements.append(cut.mark)
        return [cut]
    }
}

extension PromptFitter.Draft {
    /// Texts of the given parts: the way to each, and the bytes that it takes.
    fileprivate func leaves(_ isMeant: (PromptElement.Part) -> Bool) -> [(path: [Int], size: Int)] {
        var found: [(path: [Int], size: Int)] = []
        func look(_ element: PromptElement, _ path: [Int]) {
            if isMeant(element.part) { found.append((path, PromptElement.escapedSize(element.text))) }
            for (index, child) in element.children.enumerated() { look(child, path + [index]) }
        }
        for (index, element) in elements.enumerated() { look(element, [index]) }
        return found
    }
}

extension PromptElement {
    /// Changes the element at the end of a way.
    fileprivate mutating func edit(_ path: ArraySlice<Int>, _ change: (inout PromptElement) -> Void) {
        guard let first = path.first else {
            change(&self)
            return
        }
        children[first].edit(path.dropFirst(), change)
    }

    /// The ways to the lists inside: elements whose children are all alike and hold no further elements.
    fileprivate var listPaths: [[Int]] {
        children.indices.filter { index in
            let child = children[index]
            return child.text.isEmpty && !child.children.isEmpty && child.children.allSatisfy(\.children.isEmpty)
        }.map { [$0] }
    }
}
