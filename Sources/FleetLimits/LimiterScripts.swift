import FleetCore
import RedisClient

/// The limiter's scripts: each is one atomic step over one bucket set.
///
/// A bucket set is one hash, `limit:{provider:credential:class}`, and one sorted set of calls in flight beside it, each a
/// lease of ``RedisRateLimiter/lease`` that its worker renews:
///
///     epoch            names this incarnation of the state; changes when Redis lost it
///     server           the run of Redis that counts it: see below
///     r<n> t<n> ...    requests, tokens, input and output tokens counted in cell n (100 ms each)
///     sr st si so      their sums over the cells first...now
///     first last       oldest and newest cell in the sums
///     tat              when the next slot of the queue begins (ms)
///     blocked          nobody calls before this (ms): a provider's Retry-After
///     lr lt li lo      limits that the provider's headers reported, if lower than ours; `learned` says when
///     warm             a call has come back: the reported limits are known
///     begun            when this incarnation began (ms)
///     seen             when somebody last asked (ms)
///     cs cr cw         second, refusals in it, and the present wait of those who wait for concurrency
///
/// **Why a window and not only a bucket.** A token bucket with rate L and burst b admits up to L + b in a minute. A call
/// is granted here only if everything counted in the last 60.3 s (60 s and an allowance for the way from here to the
/// provider), in cells that leave the window only when the whole cell is old enough, fits together with it: so no
/// sliding minute can exceed the limit, and 99.3 % of it can be used. The queue of slots in front (a bucket with a burst
/// of 3 s) only spreads the calls evenly, and gives those who have to wait long a time to come back.
///
/// **Calls in flight are leases.** A worker that died renews none, and of a grant whose answer was lost nobody knows:
/// their places are free again within seconds, not after the longest call. If nobody could ask for a while, the leases
/// have run out although the calls go on: nobody gets a grant for a moment, in which everybody renews theirs.
///
/// **Old memories are none.** A server that begins with a dump, or a replica that is promoted, knows an earlier moment:
/// what was granted since is missing. The name of the server's run in the state tells; another one's state counts as
/// lost. (`INFO` costs 6 us beside the 26 us of the smallest script; where it is forbidden, all runs have one name.)
enum LimiterScripts {
    private static let cellMilliseconds = 100

    /// Shared by all scripts: the window, and the bookkeeping of cells. The hash's fields are read at once and written at
    /// once, by `save`: each command from Lua costs about as much as the arithmetic of a whole script.
    private static let prelude = """
        local CELL, WINDOW, BURST, LEASE = \(cellMilliseconds), 604, 3000, \(RedisRateLimiter.lease.inMilliseconds)
        local key, flight = KEYS[1], KEYS[2]
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local cell = math.floor(now / CELL)
        local dims = {'r', 't', 'i', 'o'}
        local names = {'epoch', 'server', 'first', 'last', 'sr', 'st', 'si', 'so', 'tat', 'blocked', 'begun', 'complete',
            'warm', 'lr', 'lt', 'li', 'lo', 'learned', 'cs', 'cr', 'cw', 'seen'}
        local fields, changed, counts = {}, {}, {}
        for index, value in ipairs(redis.call('HMGET', key, unpack(names))) do
            if value then fields[names[index]] = value end
        end
        local info = redis.pcall('INFO', 'server')
        local server = type(info) == 'string' and string.match(info, 'run_id:(%w+)') or '-'
        if fields['epoch'] and fields['server'] ~= server then
            redis.call('DEL', key, flight)
            fields = {}
        end
        local function number(field) return tonumber(fields[field] or '0') or 0 end
        local function put(field, value) fields[field], changed[field] = value, value end
        local function save()
            local list = {}
            for field, value in pairs(changed) do
                list[#list + 1] = field
                list[#list + 1] = value
            end
            if #list > 0 then redis.call('HSET', key, unpack(list)) end
            for name, amount in pairs(counts) do redis.call('HINCRBY', key, name, amount) end
            counts = {}
        end
        local function counted(n, d)
            return (tonumber(redis.call('HGET', key, d .. n) or '0') or 0) + (counts[d .. n] or 0)
        end
        -- Takes cells that are older than the window out of the sums.
        local function expire()
            local first, last = number('first'), number('last')
            if first == 0 then return end
            local bound = cell - WINDOW
            if last < bound then bound = last + 1 end
            for n = first, bound - 1 do
                local cells = {'r' .. n, 't' .. n, 'i' .. n, 'o' .. n}
                local values = redis.call('HMGET', key, unpack(cells))
                if values[1] or values[2] or values[3] or values[4] then
                    for index, d in ipairs(dims) do put('s' .. d, number('s' .. d) - tonumber(values[index] or '0')) end
                    redis.call('HDEL', key, unpack(cells))
                end
            end
            if bound > first then put('first', bound) end
        end
        local function count(n, d, amount)
            if amount == 0 then return end
            counts[d .. n] = (counts[d .. n] or 0) + amount
            put('s' .. d, number('s' .. d) + amount)
        end
        local function open(n)
            local first, last = number('first'), number('last')
            if first == 0 or n < first then put('first', n) end
            if n > last then put('last', n) end
        end
        local function limit(d, configured)
            local learned = number('l' .. d)
            if learned > 0 and now - number('learned') < 600000 and (configured == 0 or learned < configured) then
                return learned
            end
            return configured
        end
        -- How long the queue's slot of such a call is, in ms.
        local function length(costs, limits)
            local longest = 0
            for _, d in ipairs(dims) do
                if limits[d] > 0 then longest = math.max(longest, costs[d] / limits[d] * 60000) end
            end
            return longest
        end

        """

    /// Any number of operations of one worker, in order, in one step.
    ///
    /// ARGV: limits r t i o concurrency (0: none), horizon ms, then operations:
    /// - `r`, input, output, holder, holds slot (0/1): asks for capacity;
    /// - `g`, input, output, holder: it may have been granted, and nobody heard of it: takes it back;
    /// - `h`, number, so many holders: their calls are in flight;
    /// - `s`, cell, estimated input and output, holder, sent (0/1), used input and output, cooldown ms: a call is over;
    /// - `l`, four pairs of a reported limit and what remains of it, for r t i o, -1 for what was not said.
    ///
    /// Returns {epoch, word, number, word, number, ...} for the `r` in order: ok cell | wait ms | slot ms (one is reserved)
    /// | hold ms (it has come, but the window is full). {'', known}: nothing was done, ``begin`` has to come first, with
    /// this known epoch.
    static let exchange = RedisScript(
        prelude + """
            local epoch = fields['epoch']
            if not epoch then return {'', ''} end
            if not fields['complete'] and now >= number('begun') then return {'', epoch} end
            local configured, limits = {}, {}
            for index, d in ipairs(dims) do
                configured[d] = tonumber(ARGV[index])
                limits[d] = limit(d, configured[d])
            end
            local concurrency, horizon = tonumber(ARGV[5]), tonumber(ARGV[6])
            expire()
            redis.call('PEXPIRE', key, 3600000)
            local expired = redis.call('ZREMRANGEBYSCORE', flight, '-inf', now)
            if expired > 0 and now - number('seen') > LEASE / 2 then
                put('blocked', math.max(number('blocked'), now + \(RedisRateLimiter.grace.inMilliseconds)))
            end
            put('seen', now)
            local flying = redis.call('ZCARD', flight)

            local function reserve(input, output, holder, holds)
                local blocked = number('blocked')
                if blocked > now then return 'wait', blocked - now end
                local whole = {r = 1, t = input + output, i = input, o = output}
                local costs = {}
                for _, d in ipairs(dims) do
                    -- A call larger than the limit goes out alone rather than never.
                    costs[d] = limits[d] > 0 and math.min(whole[d], limits[d]) or whole[d]
                end
                if not fields['warm'] then
                    -- Until the first answer has told the provider's limits: four calls, and twice as many every second.
                    local seconds = math.min(12, math.max(0, (now - number('begun')) / 1000))
                    if flying >= 4 * 2 ^ seconds then return 'wait', 20 end
                end
                if concurrency > 0 and flying >= concurrency then
                    -- Those who wait ask about a thousand times per second together, however many they are.
                    local second = math.floor(now / 1000)
                    local wait = math.max(number('cw'), 20)
                    if number('cs') ~= second then
                        wait = math.min(2000, math.max(20, wait * number('cr') / 1000))
                        put('cs', second) put('cr', 0) put('cw', math.floor(wait))
                    end
                    put('cr', number('cr') + 1)
                    return 'wait', math.floor(wait)
                end
                if not holds then
                    local slot = math.max(number('tat'), now - BURST)
                    if slot - now > horizon then return 'wait', slot - now end
                    -- A little denser than the limit, so that somebody always waits at the window and no capacity is lost.
                    put('tat', math.floor(slot + 0.97 * length(costs, limits)))
                    if slot > now + 5 then return 'slot', math.floor(slot - now) end
                end
                local wait = 0
                for _, d in ipairs(dims) do
                    if limits[d] > 0 then
                        local over = number('s' .. d) + costs[d] - limits[d]
                        local n = number('first')
                        while over > 0 and n <= cell do
                            over = over - counted(n, d)
                            if over <= 0 then wait = math.max(wait, (n + WINDOW + 1) * CELL - now) end
                            n = n + 1
                        end
                    end
                end
                if wait > 0 then return 'hold', math.max(5, wait) end
                open(cell)
                -- As large as it is: what it turns out to have used replaces just that, whatever the limits are by then.
                for _, d in ipairs(dims) do count(cell, d, whole[d]) end
                flying = flying + redis.call('ZADD', flight, now + LEASE, holder)
                return 'ok', cell
            end

            local function settle(n, before, holder, sent, after, cooldown)
                if cooldown > 0 then put('blocked', math.max(number('blocked'), now + cooldown)) end
                -- Given back already, or expired: nothing is counted twice.
                if redis.call('ZREM', flight, holder) == 0 then return end
                flying = flying - 1
                before.r, before.t = 1, before.i + before.o
                after.r, after.t = sent and 1 or 0, after.i + after.o
                if number('first') > 0 and n >= number('first') then
                    for _, d in ipairs(dims) do count(n, d, after[d] - before[d]) end
                end
                for _, d in ipairs(dims) do
                    if limits[d] > 0 then before[d] = math.min(before[d], limits[d]) end
                end
                -- Slots behind this one come sooner, or later, by what the guess was wrong.
                local tat = number('tat')
                if tat > now then
                    put('tat', math.floor(math.max(now, tat - 0.97 * (length(before, limits) - length(after, limits)))))
                end
                if sent and not fields['warm'] then put('warm', 1) end
            end

            -- Its lease tells when it was granted: nobody has renewed it.
            local function takeBack(holder, input, output)
                local score = redis.call('ZSCORE', flight, holder)
                if not score then return end
                settle(math.floor((tonumber(score) - LEASE) / CELL), {i = input, o = output}, holder, false, {i = 0, o = 0}, 0)
            end

            local function renew(first, last)
                local leases = {}
                for place = first, last do
                    leases[#leases + 1] = now + LEASE
                    leases[#leases + 1] = ARGV[place]
                end
                flying = flying + redis.call('ZADD', flight, unpack(leases))
            end

            local function learn(d, reported, remaining)
                if reported <= 0 then return end
                put('learned', now)
                put('l' .. d, (configured[d] == 0 or reported < configured[d]) and reported or 0)
                -- Somebody else uses the credential: count what the provider counts, for a minute.
                local ours = math.min(reported, limits[d] > 0 and limits[d] or reported) - number('s' .. d)
                if remaining >= 0 and ours - remaining > 0.1 * reported then
                    open(cell)
                    count(cell, d, math.floor(ours - remaining))
                end
            end

            local answers = {epoch}
            local index = 7
            while ARGV[index] do
                if ARGV[index] == 'r' then
                    local word, amount = reserve(tonumber(ARGV[index + 1]), tonumber(ARGV[index + 2]), ARGV[index + 3],
                        ARGV[index + 4] == '1')
                    answers[#answers + 1] = word
                    answers[#answers + 1] = amount
                    index = index + 5
                elseif ARGV[index] == 'g' then
                    takeBack(ARGV[index + 3], tonumber(ARGV[index + 1]), tonumber(ARGV[index + 2]))
                    index = index + 4
                elseif ARGV[index] == 'l' then
                    for report, d in ipairs(dims) do
                        learn(d, tonumber(ARGV[index + 2 * report - 1]), tonumber(ARGV[index + 2 * report]))
                    end
                    index = index + 9
                elseif ARGV[index] == 'h' then
                    local number = tonumber(ARGV[index + 1])
                    renew(index + 2, index + 1 + number)
                    index = index + 2 + number
                else
                    settle(tonumber(ARGV[index + 1]),
                        {i = tonumber(ARGV[index + 2]), o = tonumber(ARGV[index + 3])}, ARGV[index + 4],
                        ARGV[index + 5] == '1', {i = tonumber(ARGV[index + 6]), o = tonumber(ARGV[index + 7])},
                        tonumber(ARGV[index + 8]))
                    index = index + 9
                end
            end
            if flying > 0 then redis.call('PEXPIRE', flight, 3600000) end
            save()
            return answers
            """)

    /// Counts calls that are not counted yet: five arguments each, age ms of its start, input, output, holder, in flight
    /// (0/1).
    private static let recount = """
        local function recount(from)
            expire()
            local departures = {}
            for index = from, #ARGV, 5 do
                local n = math.floor((now - tonumber(ARGV[index])) / CELL)
                local holder = ARGV[index + 3]
                if n >= cell - WINDOW and redis.call('HSETNX', KEYS[3], holder, 1) == 1 then
                    local input, output = tonumber(ARGV[index + 1]), tonumber(ARGV[index + 2])
                    open(n)
                    count(n, 'r', 1)
                    count(n, 't', input + output)
                    count(n, 'i', input)
                    count(n, 'o', output)
                    if ARGV[index + 4] == '1' then
                        departures[#departures + 1] = now + LEASE
                        departures[#departures + 1] = holder
                    end
                end
            end
            if #departures > 0 then redis.call('ZADD', flight, unpack(departures)) end
            redis.call('PEXPIRE', KEYS[3], 65000)
        end

        """

    /// Begins a new epoch, or completes one, with what the ledger says was used in the last minute.
    ///
    /// It is read twice: at the beginning, and after the grace in which workers count their own calls again. Whoever died
    /// shortly before or meanwhile shows by then, and what was over but not written yet is in the ledger.
    ///
    /// ARGV: known epoch (empty: none), name of a new one, grace ms, then the calls. Does nothing if the epoch is not the
    /// known one.
    static let begin = RedisScript(
        prelude + recount + """
            if (fields['epoch'] or '') ~= ARGV[1] or fields['complete'] then return 0 end
            if ARGV[1] == '' then
                local start = now + tonumber(ARGV[3])
                put('epoch', ARGV[2]) put('server', server) put('blocked', start) put('begun', start)
                redis.call('DEL', KEYS[3])
            end
            recount(4)
            if now >= number('begun') then put('complete', 1) end
            save()
            return 1
            """)

    /// Counts a worker's calls again after Redis lost them. ARGV: the calls. Returns {epoch, now in ms}: a call's cell is
    /// the one of its start.
    static let restore = RedisScript(
        prelude + recount + """
            local epoch = fields['epoch']
            if not epoch then return {'', 0} end
            recount(1)
            save()
            return {epoch, now}
            """)

    /// A call as ``recount`` takes it.
    static func arguments(
        age: Duration, _ tokens: TokenEstimate, holder: String, isInFlight: Bool
    ) -> [String] {
        [
            String(age.inMilliseconds), String(tokens.inputTokens), String(tokens.outputTokens), holder,
            isInFlight ? "1" : "0",
        ]
    }

    /// The cell of a call that began so long before a moment of Redis' clock.
    static func cell(now: Int, age: Duration) -> Int { (now - age.inMilliseconds) / cellMilliseconds }
}
