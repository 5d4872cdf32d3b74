import RedisClient

/// The limiter's scripts: each is one atomic step over one bucket set.
///
/// A bucket set is one hash, `limit:{provider:credential:class}`, and one sorted set of calls in flight beside it:
///
///     epoch            names this incarnation of the state; changes when Redis lost it
///     r<n> t<n> ...    requests, tokens, input and output tokens counted in cell n (100 ms each)
///     sr st si so      their sums over the cells first...now
///     first last       oldest and newest cell in the sums
///     tat              when the next slot of the queue begins (ms)
///     blocked          nobody calls before this (ms): a provider's Retry-After
///     lr lt li lo      limits that the provider's headers reported, if lower than ours; `learned` says when
///     warm             a call has come back: the reported limits are known
///     begun            when this incarnation began (ms)
///     cs cr cw         second, refusals in it, and the present wait of those who wait for concurrency
///
/// **Why a window and not only a bucket.** A token bucket with rate L and burst b admits up to L + b in a minute. A call
/// is granted here only if everything counted in the last 60.3 s (60 s and an allowance for the way from here to the
/// provider), in cells that leave the window only when the whole cell is old enough, fits together with it: so no
/// sliding minute can exceed the limit, and 99.3 % of it can be used. The queue of slots in front (a bucket with a burst
/// of 3 s) only spreads the calls evenly, and gives those who have to wait long a time to come back.
enum LimiterScripts {
    /// Shared by all scripts: the window, and the bookkeeping of cells.
    private static let prelude = """
        local CELL, WINDOW, BURST = 100, 604, 3000
        local key, flight = KEYS[1], KEYS[2]
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local cell = math.floor(now / CELL)
        local dims = {'r', 't', 'i', 'o'}
        local function number(field) return tonumber(redis.call('HGET', key, field) or '0') or 0 end
        -- Takes cells that are older than the window out of the sums.
        local function expire()
            local first, last = number('first'), number('last')
            if first == 0 then return end
            local bound = cell - WINDOW
            if last < bound then bound = last + 1 end
            for n = first, bound - 1 do
                for _, d in ipairs(dims) do
                    local value = redis.call('HGET', key, d .. n)
                    if value then
                        redis.call('HINCRBY', key, 's' .. d, 0 - tonumber(value))
                        redis.call('HDEL', key, d .. n)
                    end
                end
            end
            if bound > first then redis.call('HSET', key, 'first', bound) end
        end
        local function count(n, d, amount)
            if amount == 0 then return end
            redis.call('HINCRBY', key, d .. n, amount)
            redis.call('HINCRBY', key, 's' .. d, amount)
        end
        local function open(n)
            local first, last = number('first'), number('last')
            if first == 0 or n < first then redis.call('HSET', key, 'first', n) end
            if n > last then redis.call('HSET', key, 'last', n) end
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

    /// ARGV: limits r t i o concurrency (0: none), input, output, holder, holds slot (0/1), expiry ms, horizon ms.
    /// Returns {epoch, word, number}: ok cell | wait ms | slot ms (one is reserved) | hold ms (it has come, but the window
    /// is full) | cold 0.
    static let reserve = RedisScript(
        prelude + """
            local epoch = redis.call('HGET', key, 'epoch')
            if not epoch then return {'', 'cold', 0} end
            expire()
            redis.call('PEXPIRE', key, 3600000)
            redis.call('PEXPIRE', flight, 3600000)
            local blocked = number('blocked')
            if blocked > now then return {epoch, 'wait', blocked - now} end

            local concurrency = tonumber(ARGV[5])
            local input, output = tonumber(ARGV[6]), tonumber(ARGV[7])
            local costs = {r = 1, t = input + output, i = input, o = output}
            local limits = {}
            for index, d in ipairs(dims) do
                limits[d] = limit(d, tonumber(ARGV[index]))
                -- A call larger than the limit goes out alone rather than never.
                if limits[d] > 0 and costs[d] > limits[d] then costs[d] = limits[d] end
            end

            redis.call('ZREMRANGEBYSCORE', flight, '-inf', now)
            local flying = redis.call('ZCARD', flight)
            if not redis.call('HGET', key, 'warm') then
                -- Until the first answer has told the provider's limits: four calls, and twice as many every second.
                local seconds = math.min(12, math.max(0, (now - number('begun')) / 1000))
                if flying >= 4 * 2 ^ seconds then return {epoch, 'wait', 20} end
            end
            if concurrency > 0 and flying >= concurrency then
                -- Those who wait ask about a thousand times per second together, however many they are.
                local second = math.floor(now / 1000)
                local wait = math.max(number('cw'), 20)
                if number('cs') ~= second then
                    wait = math.min(2000, math.max(20, wait * number('cr') / 1000))
                    redis.call('HSET', key, 'cs', second, 'cr', 0, 'cw', math.floor(wait))
                end
                redis.call('HINCRBY', key, 'cr', 1)
                return {epoch, 'wait', math.floor(wait)}
            end

            if ARGV[9] == '0' then
                local slot = math.max(number('tat'), now - BURST)
                if slot - now > tonumber(ARGV[11]) then return {epoch, 'wait', slot - now} end
                -- A little denser than the limit, so that somebody always waits at the window and no capacity is lost.
                redis.call('HSET', key, 'tat', math.floor(slot + 0.97 * length(costs, limits)))
                if slot > now + 5 then return {epoch, 'slot', math.floor(slot - now)} end
            end

            local wait = 0
            for _, d in ipairs(dims) do
                if limits[d] > 0 then
                    local over = number('s' .. d) + costs[d] - limits[d]
                    local n = number('first')
                    while over > 0 and n <= cell do
                        over = over - (tonumber(redis.call('HGET', key, d .. n) or '0') or 0)
                        if over <= 0 then wait = math.max(wait, (n + WINDOW + 1) * CELL - now) end
                        n = n + 1
                    end
                end
            end
            if wait > 0 then return {epoch, 'hold', math.max(5, wait)} end

            open(cell)
            for _, d in ipairs(dims) do count(cell, d, costs[d]) end
            redis.call('ZADD', flight, now + tonumber(ARGV[10]), ARGV[8])
            return {epoch, 'ok', cell}
            """)

    /// ARGV: cell, estimated input and output, holder, sent (0/1), used input and output, cooldown ms,
    /// reported limit and remaining (-1: not said) for r t i o, our limits r t i o.
    /// Returns {epoch}.
    static let settle = RedisScript(
        prelude + """
            local epoch = redis.call('HGET', key, 'epoch')
            if not epoch then return {''} end
            local cooldown = tonumber(ARGV[8])
            if cooldown > 0 then
                redis.call('HSET', key, 'blocked', math.max(number('blocked'), now + cooldown))
            end
            -- Given back already, or expired: nothing is counted twice.
            if redis.call('ZREM', flight, ARGV[4]) == 0 then return {epoch} end
            expire()
            local n = tonumber(ARGV[1])
            local before = {r = 1, i = tonumber(ARGV[2]), o = tonumber(ARGV[3])}
            before.t = before.i + before.o
            local sent = ARGV[5] == '1'
            local after = {r = sent and 1 or 0, i = tonumber(ARGV[6]), o = tonumber(ARGV[7])}
            after.t = after.i + after.o
            local limits = {}
            for index, d in ipairs(dims) do limits[d] = limit(d, tonumber(ARGV[16 + index])) end
            if number('first') > 0 and n >= number('first') then
                for _, d in ipairs(dims) do
                    if limits[d] > 0 and before[d] > limits[d] then before[d] = limits[d] end
                    count(n, d, after[d] - before[d])
                end
            end
            -- Slots behind this one come sooner, or later, by what the guess was wrong.
            local tat = number('tat')
            if tat > now then
                redis.call('HSET', key, 'tat',
                    math.floor(math.max(now, tat - 0.97 * (length(before, limits) - length(after, limits)))))
            end
            if sent then redis.call('HSET', key, 'warm', 1) end
            local learned = false
            for index, d in ipairs(dims) do
                local reported, remaining = tonumber(ARGV[7 + 2 * index]), tonumber(ARGV[8 + 2 * index])
                local configured = tonumber(ARGV[16 + index])
                if reported > 0 then
                    learned = true
                    if configured == 0 or reported < configured then
                        redis.call('HSET', key, 'l' .. d, reported)
                    else
                        redis.call('HDEL', key, 'l' .. d)
                    end
                    -- Somebody else uses the credential: count what the provider counts, for a minute.
                    local ours = math.min(reported, limits[d] > 0 and limits[d] or reported) - number('s' .. d)
                    if remaining >= 0 and ours - remaining > 0.1 * reported then
                        open(cell)
                        count(cell, d, math.floor(ours - remaining))
                    end
                end
            end
            if learned then redis.call('HSET', key, 'learned', now) end
            return {epoch}
            """)

    /// Begins a new epoch with what the ledger says was used in the last minute.
    /// ARGV: epoch, grace ms, then age ms, input, output, holder of each call; they are remembered in `seen`, so that
    /// ``restore`` does not count them twice. Does nothing if an epoch is there.
    static let begin = RedisScript(
        prelude + """
            if redis.call('HEXISTS', key, 'epoch') == 1 then return 0 end
            local grace = tonumber(ARGV[2])
            redis.call('HSET', key, 'epoch', ARGV[1], 'blocked', now + grace, 'begun', now + grace)
            for index = 3, #ARGV, 4 do
                local n = math.floor((now - tonumber(ARGV[index])) / CELL)
                local input, output = tonumber(ARGV[index + 1]), tonumber(ARGV[index + 2])
                open(n)
                count(n, 'r', 1)
                count(n, 't', input + output)
                count(n, 'i', input)
                count(n, 'o', output)
                redis.call('HSET', KEYS[3], ARGV[index + 3], 1)
            end
            redis.call('PEXPIRE', KEYS[3], 65000)
            return 1
            """)

    /// Counts a worker's call again after Redis lost it. ARGV: input, output, holder, expiry ms (0: the call is over),
    /// age ms of its start. Returns {epoch, cell}.
    static let restore = RedisScript(
        prelude + """
            local epoch = redis.call('HGET', key, 'epoch')
            if not epoch then return {'', 0} end
            local n = math.floor((now - tonumber(ARGV[5])) / CELL)
            if redis.call('HEXISTS', KEYS[3], ARGV[3]) == 1 then return {epoch, n} end
            redis.call('HSET', KEYS[3], ARGV[3], 1)
            redis.call('PEXPIRE', KEYS[3], 65000)
            expire()
            if n >= cell - WINDOW then
                open(n)
                local input, output = tonumber(ARGV[1]), tonumber(ARGV[2])
                count(n, 'r', 1)
                count(n, 't', input + output)
                count(n, 'i', input)
                count(n, 'o', output)
            end
            local expiry = tonumber(ARGV[4])
            if expiry > 0 then redis.call('ZADD', flight, now + expiry, ARGV[3]) end
            return {epoch, n}
            """)
}
