/// Wakes the scheduler; may be lost.
package protocol SchedulerNudger: Sendable {
    func wakeScheduler()
}
