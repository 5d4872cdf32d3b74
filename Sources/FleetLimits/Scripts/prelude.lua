-- The limiter's scripts: each is one atomic step over one bucket set. All begin with this text, the bookkeeping of
-- cells, after a line that LimiterScripts.swift writes: CELL, LEASE and GRACE, in ms.
--
-- A bucket set is one hash, `limit:{provider:credential:class}`, and one sorted set of calls in flight beside it, each
-- a lease of LEASE ms that its worker renews:
--
--     epoch            names this incarnation of the state; changes when Redis lost it
--     server           the run of Redis that counts it: see below
--     r<n> t<n> ...    requests, tokens, input and output tokens counted in cell n (100 ms each)
--     sr st si so      their sums over the cells first...now
--     first last       oldest and newest cell in the sums
--     tat              when the next slot of the queue begins (ms)
--     blocked          nobody calls before this (ms): a provider's Retry-After
--     lr lt li lo      limits that the provider's headers reported, if lower than ours; `learned` says when
--     warm             a call has come back: the reported limits are known
--     begun            when this incarnation began (ms)
--     seen             when somebody last asked (ms)
--     cs cr cw         second, refusals in it, and the present wait of those who wait for concurrency
--
-- Why a window and not only a bucket: a token bucket with rate L and burst b admits up to L + b in a minute. A call is
-- granted here only if everything counted in the last 60.3 s (60 s and an allowance for the way from here to the
-- provider), in cells that leave the window only when the whole cell is old enough, fits together with it: so no
-- sliding minute can exceed the limit, and 99.3 % of it can be used. The queue of slots in front (a bucket with a burst
-- of 3 s) only spreads the calls evenly, and gives those who have to wait long a time to come back.
--
-- Calls in flight are leases: a worker that died renews none, and of a grant whose answer was lost nobody knows; their
-- places are free again within seconds, not after the longest call. If nobody could ask for a while, the leases have
-- run out although the calls go on: nobody gets a grant for a moment, in which everybody renews theirs.
--
-- Old memories are none: a server that begins with a dump, or a replica that is promoted, knows an earlier moment; what
-- was granted since is missing. The name of the server's run in the state tells; another one's state counts as lost.
-- (INFO costs 6 us beside the 26 us of the smallest script; where it is forbidden, all runs have one name.)
--
-- The hash's fields are read at once and written at once, by `save`: each command from Lua costs about as much as the
-- arithmetic of a whole script.

local WINDOW, BURST = 604, 3000
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
