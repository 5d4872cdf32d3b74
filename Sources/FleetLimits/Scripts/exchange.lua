-- Any number of operations of one worker, in order, in one step.
--
-- ARGV: limits r t i o concurrency (0: none), horizon ms, then operations:
-- r, input, output, holder, holds slot (0/1): asks for capacity;
-- g, input, output, holder: it may have been granted, and nobody heard of it: takes it back;
-- h, number, so many holders: their calls are in flight;
-- s, cell, estimated input and output, holder, sent (0/1), used input and output, cooldown ms: a call is over;
-- l, four pairs of a reported limit and what remains of it, for r t i o, -1 for what was not said.
--
-- Returns {epoch, word, number, word, number, ...} for the r in order: ok cell | wait ms (no slot within the horizon) |
-- full ms (too many at once) | pause ms (nobody calls) | cold ms (few call yet) | slot ms (one is reserved) |
-- hold ms (it has come, but the window is full). {'', known}: nothing was done, begin.lua has to come first, with this
-- known epoch.

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
    put('blocked', math.max(number('blocked'), now + GRACE))
end
put('seen', now)
local flying = redis.call('ZCARD', flight)

local function reserve(input, output, holder, holds)
    local blocked = number('blocked')
    if blocked > now then return 'pause', blocked - now end
    local whole = {r = 1, t = input + output, i = input, o = output}
    local costs = {}
    for _, d in ipairs(dims) do
        -- A call larger than the limit goes out alone rather than never.
        costs[d] = limits[d] > 0 and math.min(whole[d], limits[d]) or whole[d]
    end
    if not fields['warm'] then
        -- Until the first answer has told the provider's limits: four calls, and twice as many every second.
        local seconds = math.min(12, math.max(0, (now - number('begun')) / 1000))
        if flying >= 4 * 2 ^ seconds then return 'cold', 20 end
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
        return 'full', math.floor(wait)
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
        local holders = tonumber(ARGV[index + 1])
        renew(index + 2, index + 1 + holders)
        index = index + 2 + holders
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
