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

local keys, args, format = KEYS, ARGV, string.format
local count, time, now, slack = #keys, nil, args[2 * #keys + 1], 3600000
if now then
  time, now = { 0, now }, tonumber(now)
else
  time, slack = redis.call('TIME'), 0
  now = time[1] * 1000000 + time[2]
end

-- One account alone is charged without what several need, which spares a twentieth of the time.
if count == 1 then
  local key, price, limit = keys[1], args[1] + 0, args[2] + 0
  if price < 0 then
    price = -price
  end
  -- What is no account of ours, whatever its type, is as good as none.
  local tat = tonumber(redis.pcall('GET', key)) or now
  if tat > now + 2 * limit then
    tat = now + 2 * limit
    redis.call('SET', key, tat, 'PX', math.ceil((tat - now) / 1000) + slack)
  elseif not (tat > now) then
    tat = now
  end
  local charged = tat + price
  if charged - now > limit then
    return time[1] .. ' ' .. time[2] .. format(' 0 0 %.0f', tat)
  end
  local low, milliseconds = charged % 100000000, (charged - now + 999) / 1000 + slack
  local digits = format('%d%08d', (charged - low) / 100000000, low)
  milliseconds = format(milliseconds < 2147483648 and '%d' or '%.0f', milliseconds)
  redis.call('SET', key, digits, 'PX', milliseconds)
  return time[1] .. ' ' .. time[2] .. ' 1 0 ' .. digits
end

local accounts, is_rejected = {}, false
for place = 1, count do
  local price, limit, is_enforced = args[2 * place - 1] + 0, args[2 * place] + 0, true
  if price < 0 then
    price, is_enforced = -price, false
  end
  local tat = tonumber(redis.pcall('GET', keys[place])) or now
  if tat > now + 2 * limit then
    tat = now + 2 * limit
    redis.call('SET', keys[place], tat, 'PX', math.ceil((tat - now) / 1000) + slack)
  elseif not (tat > now) then
    tat = now
  end
  local charged = tat + price
  if charged - now > limit then
    charged = false
    is_rejected = is_rejected or is_enforced
  end
  accounts[2 * place - 1], accounts[2 * place] = tat, charged
end

local reply = time[1] .. ' ' .. time[2]
for place = 1, count do
  local charged = accounts[2 * place]
  if charged and not is_rejected then
    local low, milliseconds = charged % 100000000, (charged - now + 999) / 1000 + slack
    local digits = format('%d%08d', (charged - low) / 100000000, low)
    milliseconds = format(milliseconds < 2147483648 and '%d' or '%.0f', milliseconds)
    redis.call('SET', keys[place], digits, 'PX', milliseconds)
    reply = reply .. ' 1 0 ' .. digits
  else
    reply = reply .. format(' 0 0 %.0f', accounts[2 * place - 1])
  end
end
return reply
