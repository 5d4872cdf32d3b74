/// What an advance did.
package struct AdvanceReport: Sendable {
    /// Wake-ups taken; as many as the limit: there is more.
    package var wakeUps = 0
    /// New tasks taken up; all of one priority.
    package var admitted = 0
    /// Tasks that somebody else was at: their wake-ups are still there.
    package var postponed = 0
    /// Tasks whose rows were changed.
    package var advanced = 0
    /// Steps created; those that found no room in their queue's window stay ready.
    package var newSteps = 0
    /// Of what was dispatched along.
    package var tickets: [Ticket] = []
    /// Events written, to be announced.
    package var events: [EventBatch] = []
    package var finished: [FinishedTask] = []
    /// Tasks that could not be advanced although the database works: their rows cannot be read, or what was to be
    /// written is refused. They hold up nobody else; the sweep wakes them again.
    package var stalled: [(taskID: String, problem: String)] = []

    /// Nothing was done: there was no wake-up, and no new task or no room for one.
    package init() {}

    /// There was nothing to look at.
    package var isEmpty: Bool { wakeUps == 0 && admitted == 0 }

    /// Adds what another advance did.
    package mutating func merge(_ other: AdvanceReport) {
        wakeUps += other.wakeUps
        admitted += other.admitted
        postponed += other.postponed
        advanced += other.advanced
        newSteps += other.newSteps
        tickets += other.tickets
        events += other.events
        finished += other.finished
        stalled += other.stalled
    }
}
