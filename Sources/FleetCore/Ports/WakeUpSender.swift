/// Wakes the scheduler; may be lost.
package protocol WakeUpSender: Sendable {
    func wakeScheduler()
}
