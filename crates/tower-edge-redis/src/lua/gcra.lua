-- Charges accounts of the generic cell rate algorithm, each of them once, as full.lua does, for half of
-- what that costs: a script runs from its first line each time, and this is what most requests need.
--
-- KEYS: the account of each request.
-- ARGV: the time instead of the server's (or empty), and then of each request whether it is enforced, its price
-- and its limit.
-- All times are in microseconds. No number reaches 2^53, so doubles are exact.
--
-- Returns what full.lua does.

local now, slack = tonumber(ARGV[1]), 3600000
if not now then
  local time = redis.call('TIME')
  now, slack = time[1] * 1000000 + time[2], 0
end

local reply, stored, is_rejected = { now }, {}, false
for place, key in ipairs(KEYS) do
  local price, limit = ARGV[3 * place], tonumber(ARGV[3 * place + 1])
  -- What is no account of ours, whatever its type, is as good as none.
  local tat = tonumber(redis.pcall('GET', key)) or now
  if tat > now + 2 * limit then
    tat = now + 2 * limit
    stored[place] = tat
  elseif not (tat > now) then
    tat = now
  end
  reply[3 * place - 1], reply[3 * place], reply[3 * place + 1] = 0, 0, tat
  if tat + price - now <= limit then
    reply[3 * place - 1] = 1
  elseif ARGV[3 * place - 1] == '1' then
    is_rejected = true
  end
end

for place, key in ipairs(KEYS) do
  if reply[3 * place - 1] == 1 then
    if is_rejected then
      reply[3 * place - 1] = 0
    else
      stored[place] = reply[3 * place + 1] + ARGV[3 * place]
      reply[3 * place + 1] = stored[place]
    end
  end
  local tat = stored[place]
  if tat then
    local milliseconds = math.ceil((tat - now) / 1000) + slack
    redis.call('SET', key, string.format('%.0f', tat), 'PX', string.format('%.0f', milliseconds))
  end
end
return reply
