/// Which sections each kind of step shows its model: in which order, from where, how big, and what may be cut.
///
/// Prompt files, the prompt builder, the tests and the provider twin go by it: a section that it names and a prompt file
/// does not, or the reverse, keeps a process from starting.
package struct InputManifest: Sendable, Equatable {
    /// The sections of one kind of step.
    package struct Kind: Sendable, Equatable {
        /// Tokens of the whole prompt: instructions, schema and sections.
        package var cap: Int
        /// In the order in which they are shown: zones ascend.
        package var sections: [InputSection]

        /// Orders the sections by zone; within a zone they keep their order.
        package init(cap: Int, sections: [InputSection]) {
            self.cap = cap
            self.sections = InputZone.allCases.flatMap { zone in sections.filter { $0.zone == zone } }
        }
    }

    private let kinds: [StepKind: Kind]

    /// Nothing is checked here; the loader of the catalogues does that.
    package init(kinds: [StepKind: Kind]) {
        self.kinds = kinds
    }

    /// The sections of a kind; nil if the manifest does not have it.
    package subscript(kind: StepKind) -> Kind? { kinds[kind] }

    /// The same without one section: for tests that see whether somebody notices.
    package func removing(_ tag: String, from kind: StepKind) -> InputManifest {
        var kinds = kinds
        kinds[kind]?.sections.removeAll { $0.tag == tag }
        return InputManifest(kinds: kinds)
    }
}

/// One section of a kind's prompt.
package struct InputSection: Sendable, Equatable {
    /// Name of its element.
    package var tag: String
    /// Where it stands.
    package var zone: InputZone
    /// When it has to be there.
    package var need: InputNeed
    /// What fills it.
    package var source: InputSource
    /// Tokens that it may take while others need their share.
    package var budget: Int
    /// Takes what the others leave, beyond its budget.
    package var grows: Bool
    /// What may be left out if it does not fit, tried in order; empty: it is shown whole, or the model is not asked.
    package var cuts: [InputCut]

    package init(
        tag: String, zone: InputZone, need: InputNeed, source: InputSource, budget: Int, grows: Bool = false,
        cuts: [InputCut] = []
    ) {
        self.tag = tag
        self.zone = zone
        self.need = need
        self.source = source
        self.budget = budget
        self.grows = grows
        self.cuts = cuts
    }
}

/// How widely a section is shared: what many prompts have in common comes first, so that they begin alike.
package enum InputZone: String, Sendable, CaseIterable {
    /// The same for every task of the fleet.
    case catalogue
    /// The same for every step of the task.
    case task
    /// The same for every step of the subtask.
    case subtask
    /// For this step alone.
    case call
}

/// What may be left out of a section, always with a mark that says so.
package enum InputCut: String, Sendable, CaseIterable {
    /// Members of the task's context, the largest first.
    case context
    /// The end of the longest text; of a JSON text the last elements of its longest lists.
    case tail
    /// The last items of a list.
    case items
    /// Dependencies of dependencies.
    case indirect
    /// Bodies, block by block: each heading keeps its first block, then blocks go from the end.
    case body
}
