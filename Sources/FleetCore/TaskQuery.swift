/// Which tasks to list, and in which order.
public struct TaskQuery: Sendable, Equatable {
    /// What tasks are ordered by; the raw value is the API's.
    public enum Sort: String, Sendable, CaseIterable {
        case createdAt = "created_at"
        case updatedAt = "updated_at"
        case priority
    }

    /// Direction of the order; the raw value is the API's.
    public enum Order: String, Sendable, CaseIterable {
        case ascending = "asc"
        case descending = "desc"
    }

    /// Where a page ended: the last task's time in the sorted column and its id.
    public struct Cursor: Sendable, Equatable {
        /// Microseconds since 1970-01-01 UTC.
        public var time: Int
        /// Tells apart tasks of the same time.
        public var taskID: String

        /// A place in a list ordered by time.
        public init(time: Int, taskID: String) {
            self.time = time
            self.taskID = taskID
        }
    }

    /// Only this user's tasks; nil: everybody's.
    public var userID: String?
    /// Any of these; empty: any.
    public var statuses: [TaskStatus] = []
    /// Name of a batch.
    public var batch: String?
    /// The newest first unless `order` says otherwise.
    public var sort = Sort.createdAt
    /// Descending: the newest, or the most urgent, first.
    public var order = Order.descending
    /// Tasks per page.
    public var limit = 20
    /// Tasks to skip; ignored with a cursor.
    public var offset = 0
    /// Continue after this task; not for ``Sort/priority``, whose order has no time.
    public var after: Cursor?

    /// Everybody's tasks, the newest first.
    public init() {}
}

/// One page of a list.
public struct TaskPage: Sendable {
    /// In the query's order, at most its limit.
    public var tasks: [TaskSummary]
    /// Tasks that match, on all pages.
    public var total: Int
    /// Where the next page starts; nil at the end, and if the order has no cursor.
    public var next: TaskQuery.Cursor?

    /// All parts as they were found.
    public init(tasks: [TaskSummary], total: Int, next: TaskQuery.Cursor?) {
        self.tasks = tasks
        self.total = total
        self.next = next
    }
}
