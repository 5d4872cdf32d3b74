extension MetricNames {
    /// Every definition, for documentation and checks.
    package static let all: [MetricDefinition] = [
        buildInfo, processCPUSeconds, processResidentMemory, processVirtualMemory, processOpenFiles,
        processMaximumFiles, processThreads, processStartTime, logLinesDropped, tasksFinished, stepsClaimed,
        ticketsForgotten, stepsSettled, settlementsStale, queueSteps,
        taskQueueDepth, usefulWorkers, wantedWorkers, queueOldestAge, calls, callsInFlight, callDuration, tokens, cost,
        expectedCost, usageMismatches, unknownTiers, invalidAnswers, inputCuts, rateLimitWait, circuitOpen,
        workerSlotsBusy, workerSlots, tasksAdvanced, stepsCreated, advanceDuration, ticketsDispatched, ticketsRefused,
        dispatchDuration, recovered, deadTickets, httpRequests, httpDuration,
    ]
}
