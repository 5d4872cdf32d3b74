/// The specialists chosen so far, and what holds for a team: it has at most five members, no two of them are nearly the
/// same without a reason, and nobody leaves who alone has a needed capability.
struct SpecialistTeam {
    static let maximum = 5
    /// Two types that share more of their capabilities than this would write the same thing twice.
    static let nearIdentity = 0.6

    /// In the order in which they were chosen.
    private(set) var members: [SelectedSpecialist] = []

    private let capabilities: [String: Set<String>]
    private let needed: Set<String>
    private let contributors: Set<String>

    /// - Parameters:
    ///   - capabilities: by type.
    ///   - needed: what the team should be able to do.
    ///   - contributors: types with something that only they contribute.
    init(capabilities: [String: Set<String>], needed: Set<String>, contributors: Set<String>) {
        self.capabilities = capabilities
        self.needed = needed
        self.contributors = contributors
    }

    /// Needed capabilities that no member has, in order.
    var missing: [String] { needed.filter { !has($0) }.sorted() }

    func contains(_ type: String) -> Bool { members.contains { $0.type == type } }

    func has(_ capability: String) -> Bool { Self.have(capability, members.map(\.type), capabilities) }

    /// The largest share of capabilities, 0 to 1, that a type has in common with a member.
    func overlap(with type: String) -> Double {
        members.map { similarity($0.type, type) }.max() ?? 0
    }

    /// Members that a type would only repeat: nearly the same, and not each with something of its own.
    func clashes(with type: String) -> [String] {
        members.map(\.type).filter { member in
            similarity(member, type) > Self.nearIdentity
                && !(contributors.contains(member) && contributors.contains(type))
        }
    }

    mutating func add(_ member: SelectedSpecialist) {
        members.append(member)
    }

    /// Lets somebody join for a gap: in place of those whom it repeats, or of the weakest if the team is complete. Nothing
    /// changes if the team would lose a needed capability by that.
    mutating func takeIn(_ newcomer: SelectedSpecialist) {
        var leaving = Set(clashes(with: newcomer.type))
        if leaving.isEmpty && members.count >= Self.maximum {
            let spare = members.reversed().filter { canSpare([$0.type], for: newcomer.type) }
            // Of equals, the one that was chosen last.
            guard let weakest = spare.min(by: { $0.score < $1.score }) else { return }
            leaving = [weakest.type]
        }
        guard canSpare(leaving, for: newcomer.type) else { return }
        members.removeAll { leaving.contains($0.type) }
        members.append(newcomer)
    }

    mutating func extendFocus(of type: String, by areas: [String]) {
        guard let index = members.firstIndex(where: { $0.type == type }) else { return }
        members[index].focusAreas += areas
    }

    private func canSpare(_ leaving: Set<String>, for newcomer: String) -> Bool {
        let rest = members.map(\.type).filter { !leaving.contains($0) } + [newcomer]
        return needed.allSatisfy { !has($0) || Self.have($0, rest, capabilities) }
    }

    private static func have(
        _ capability: String, _ types: [String], _ capabilities: [String: Set<String>]
    ) -> Bool {
        types.contains { capabilities[$0]?.contains(capability) ?? false }
    }

    /// Jaccard's index of the two types' capabilities.
    private func similarity(_ one: String, _ other: String) -> Double {
        guard let one = capabilities[one], let other = capabilities[other] else { return 0 }
        let union = one.union(other).count
        return union == 0 ? 0 : Double(one.intersection(other).count) / Double(union)
    }
}
