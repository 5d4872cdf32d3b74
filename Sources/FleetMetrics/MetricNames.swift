/// Every metric of the fleet: the single source of names, units, labels and buckets. `docs/metrics.md` says what each one
/// answers; a test compares both.
///
/// The last part of a name is its unit (`_seconds`, `_bytes`, `_usd`, `_ratio`: 0 to 1); none: a number of things.
/// Labels come from catalogues and enumerations only; task, step and user ids belong into logs and traces.
package enum MetricNames {
    package static let all =
        process + tasks + steps + queues + calls + limits + workers + scheduler + gateway + servers
}
