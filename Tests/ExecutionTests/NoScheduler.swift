import FleetCore

/// Nobody hears the worker's nudges.
struct NoScheduler: SchedulerNudger {
    func wakeScheduler() {}
}
