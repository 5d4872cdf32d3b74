/// How many steps of an agent type are in a state.
package struct QueueLoad: Sendable, Equatable {
    /// Type whose queue the steps are for.
    package var agentType: String
    /// An open state: ready, dispatched, running or parked.
    package var state: StepState
    /// Counted in the rows, not at the broker; types and states without any are left out.
    package var steps: Int

    /// A row of the count.
    package init(agentType: String, state: StepState, steps: Int) {
        self.agentType = agentType
        self.state = state
        self.steps = steps
    }
}
