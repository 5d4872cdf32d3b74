/// Which tasks to list, and in which order.
package struct TaskQuery: Sendable, Equatable {
    /// What tasks are ordered by; the raw value is the API's.
    package enum Sort: String, Sendable, CaseIterable {
        case createdAt = "created_at"
        case updatedAt = "updated_at"
        case priority
    }

    /// Direction of the order; the raw value is the API's.
    package enum Order: String, Sendable, CaseIterable {
        case ascending = "asc"
        case descending = "desc"
    }

    /// Where a page ended: the last task's time in the sorted column and its id.
    package struct Cursor: Sendable, Equatable {
        /// Microseconds since 1970-01-01 UTC.
        package var time: Int
        /// Tells apart tasks of the same time.
        package var taskID: String

        /// A place in a list ordered by time.
        package init(time: Int, taskID: String) {
            self.time = time
            self.taskID = taskID
        }
    }

    /// Only this user's tasks; nil: everybody's.
    package var userID: String?
    /// Any of these; empty: any.
    package var statuses: [TaskStatus] = []
    /// Name of a batch.
    package var batch: String?
    /// The newest first unless `order` says otherwise.
    package var sort = Sort.createdAt
    /// Descending: the newest, or the most urgent, first.
    package var order = Order.descending
    /// Tasks per page.
    package var limit = 20
    /// Tasks to skip; ignored with a cursor.
    package var offset = 0
    /// Continue after this task; not for ``Sort/priority``, whose order has no time.
    package var after: Cursor?

    /// Everybody's tasks, the newest first.
    package init() {}
}

/// One page of a list.
package struct TaskPage: Sendable {
    /// In the query's order, at most its limit.
    package var tasks: [TaskSummary]
    /// Tasks that match, on all pages.
    package var total: Int
    /// Where the next page starts; nil at the end, and if the order has no cursor.
    package var next: TaskQuery.Cursor?

    package init(tasks: [TaskSummary], total: Int, next: TaskQuery.Cursor?) {
        self.tasks = tasks
        self.total = total
        self.next = next
    }
}
