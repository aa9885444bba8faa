-- Charges accounts of the generic cell rate algorithm, each of them once, as full.lua does, in two thirds of the
-- time: a script runs from its first line each time, and this is what most requests need.
--
-- KEYS: the account of each request.
-- ARGV: of each request its price, negative if it is not enforced, and its limit; then, in tests, the time.
-- All times are in microseconds. No number reaches 2^53, so doubles are exact.
--
-- Returns a text, as each number of an array costs more: the time in seconds and the rest in microseconds, and
-- then what full.lua returns. Numbers are formatted as integers, since '%.0f' and redis.call take twice as long.
-- A `long` may have 32 bits.

local time, now, slack = nil, ARGV[2 * #KEYS + 1], 3600000
if now then
  time, now = { 0, now }, tonumber(now)
else
  time, slack = redis.call('TIME'), 0
  now = time[1] * 1000000 + time[2]
end

local count, format, saved, is_rejected = #KEYS, string.format, {}, false
local tat, charged
for place = 1, count do
  local price, limit, is_enforced = ARGV[2 * place - 1] + 0, ARGV[2 * place] + 0, true
  if price < 0 then
    price, is_enforced = -price, false
  end
  -- What is no account of ours, whatever its type, is as good as none.
  tat = tonumber(redis.pcall('GET', KEYS[place])) or now
  if tat > now + 2 * limit then
    tat = now + 2 * limit
    redis.call('SET', KEYS[place], tat, 'PX', math.ceil((tat - now) / 1000) + slack)
  elseif not (tat > now) then
    tat = now
  end
  charged = tat + price
  if charged - now > limit then
    charged = nil
    is_rejected = is_rejected or is_enforced
  end
  if count > 1 then
    saved[2 * place - 1], saved[2 * place] = tat, charged or false
  end
end

local reply = time[1] .. ' ' .. time[2]
for place = 1, count do
  if count > 1 then
    tat, charged = saved[2 * place - 1], saved[2 * place]
  end
  if charged and not is_rejected then
    local low, milliseconds = charged % 100000000, (charged - now + 999) / 1000 + slack
    local digits = format('%d%08d', (charged - low) / 100000000, low)
    milliseconds = format(milliseconds < 2147483648 and '%d' or '%.0f', milliseconds)
    redis.call('SET', KEYS[place], digits, 'PX', milliseconds)
    reply = reply .. ' 1 0 ' .. digits
  else
    reply = reply .. format(' 0 0 %.0f', tat)
  end
end
return reply
