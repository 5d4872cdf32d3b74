-- Counts calls that are not counted yet: five arguments each, age ms of its start, input, output, holder, in flight
-- (0/1).
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
