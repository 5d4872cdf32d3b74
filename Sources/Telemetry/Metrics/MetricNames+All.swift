extension MetricNames {
    /// Every definition, for documentation and checks.
    package static let all: [MetricDefinition] = [
        buildInfo, processCPUSeconds, processResidentMemory, processVirtualMemory, processOpenFiles,
        processMaximumFiles, processThreads, processStartTime, logLinesDropped, databaseConnections, databaseWaiters,
        databaseWait, tasksSubmitted, tasksFinished, taskDuration, stepsClaimed, ticketsForgotten, stepsSettled,
        settlementsStale, stepsRetried, stepsDeadLettered, stepAttempts, stepScheduleToStart, stepRun, queueSteps,
        queueOldestAge, queueMessagesReady, queueMessagesUnacknowledged, queueConsumers, queuePaused, calls,
        callsInFlight, callDuration, timeToFirstToken, tokens, cost, expectedCost, usageMismatches,
        unknownTiers, invalidAnswers, inputCuts, rateLimitWait, limit,
        limitRemaining, circuitOpen, budgetRemaining, workerSlotsBusy, workerSlots, workerDraining, tasksAdvanced,
        stepsCreated, advanceDuration, ticketsDispatched, ticketsRefused, dispatchDuration, recovered, deadTickets,
        outboxLag, httpRequests, httpDuration, webSocketClients, eventLag,
    ]
}
