-- Decides all requests of one client's request together, by this server's clock.
--
-- KEYS: the account of each request, and for a refund and a reset also where each keeps when it was reset.
-- ARGV: the operation (try_acquire, acquire, peek, refund or reset), the time instead of the server's (or
-- empty), and then of each request its kind, whether it is enforced, how many units more are taken on
-- lease, when what is given back was charged (or empty), and what its kind needs: see `request`.
-- All times are in microseconds. No number reaches 2^53, so doubles are exact; a command is handed all of
-- their digits, what is put into a text has to be formatted.
--
-- Replies with integers: the time, and of each request whether it was charged, how many units were taken
-- on lease, and its account: see `append`. When the calendar handed in does not reach the server's time:
-- -1, and the time.

local operation, now, slack = ARGV[1], tonumber(ARGV[2]), 3600000
if not now then
  local time = redis.call('TIME')
  now, slack = time[1] * 1000000 + time[2], 0
end
local count = (operation == 'refund' or operation == 'reset') and #KEYS / 2 or #KEYS

local max, min, floor, ceil = math.max, math.min, math.floor, math.ceil
local next_argument = 3
local function argument()
  next_argument = next_argument + 1
  return ARGV[next_argument - 1]
end
local function number()
  return tonumber(argument())
end

-- What is no account of ours, whatever its type, is as good as none.
local function known(key)
  local text = redis.pcall('GET', key)
  return type(text) == 'string' and #text < 200 and text or ''
end
local function keep(key, text, forgotten_at)
  local milliseconds = max(ceil((forgotten_at - now) / 1000), 1) + slack
  redis.call('SET', key, text, 'PX', milliseconds)
end
-- As unsigned numbers of 32 bits are added.
local function add(a, b)
  return min(a + b, 4294967295)
end
-- What is decided of one account alone is not taken back.
local function copy(account)
  if count == 1 then
    return account
  end
  local same = {}
  for name, value in pairs(account) do same[name] = value end
  return same
end

-- The sorts of accounts. They are made for the requests that need them, as a script runs anew each time.
local kinds, made = {}, {}
local function kind(name)
  made[name] = made[name] or kinds[name]()
  return made[name]
end

-- The generic cell rate algorithm: an account is when it is even again.
function kinds.g()
  local gcra = {}
  function gcra.request(d)
    d.price, d.limit, d.interval, d.owed_until = number(), number(), number(), number()
  end
  function gcra.load(d)
    local tat = tonumber(known(d.key))
    tat = tat and tat > 0 and floor(tat) or 0
    local bounded = min(tat, now + 2 * d.limit)
    return { tat = bounded, is_written = tat > bounded }
  end
  function gcra.room(a, d)
    return floor((d.limit - max(a.tat - now, 0)) / d.interval)
  end
  function gcra.fits(a, d)
    return d.price <= d.limit and max(a.tat - now, 0) + d.price <= d.limit
  end
  function gcra.acquire(a, d)
    a.tat = min(max(a.tat, now) + d.price, now + 2 * d.limit)
    a.is_written = true
  end
  function gcra.lease(a, d, units)
    a.tat = a.tat + units * d.interval
  end
  function gcra.refund(a, d)
    if a.tat > 0 then
      local ahead = d.owed_until and max(d.owed_until - now, 0) or d.price
      a.tat = max(a.tat - min(d.price, ahead), 1)
      a.is_written = true
    end
  end
  function gcra.save(a, d)
    if a.tat > now then
      keep(d.key, a.tat, a.tat)
    else
      redis.call('DEL', d.key)
    end
  end
  function gcra.append(a, reply)
    reply[#reply + 1] = a.tat
  end
  return gcra
end

-- The sliding window of tower-edge-core: when the newest of twelve sub-windows is out of sight, and what
-- was charged in each, the newest first. Zeros at the end are not kept.
function kinds.w()
  local window = {}
  local function used(a)
    local sum = 0
    for at = 1, 12 do sum = add(sum, a[at]) end
    return sum
  end
  function window.request(d)
    d.cost, d.limit, d.step = number(), number(), number()
  end
  function window.load(d)
    local a, kept = { expires_at = now - now % d.step + 12 * d.step }, {}
    for digits in known(d.key):gmatch('%d+') do
      kept[#kept + 1] = tonumber(digits)
    end
    local expires_at = kept[1] or 0
    local passed = max(ceil((a.expires_at - expires_at) / d.step), 0)
    for at = 1, 12 do
      a[at] = at > passed and min(kept[at - passed + 1] or 0, 4294967295) or 0
    end
    -- One that is ahead is brought back for good: it would be as far ahead the next time.
    a.is_written = expires_at > a.expires_at
    return a
  end
  function window.room(a, d)
    return d.limit - used(a)
  end
  function window.fits(a, d)
    return add(used(a), d.cost) <= d.limit
  end
  function window.acquire(a, d)
    a[1] = add(a[1], min(d.cost, max(add(d.limit, d.limit) - used(a), 0)))
    a.is_written = true
  end
  function window.lease(a, d, units)
    a[1] = a[1] + units
  end
  function window.refund(a, d)
    local ago = max(floor(now / d.step) - floor(d.charged_at / d.step), 0)
    if ago < 12 then
      a[ago + 1] = max(a[ago + 1] - d.cost, 0)
      a.is_written = true
    end
  end
  function window.save(a, d)
    local last = 12
    while a[last] == 0 do last = last - 1 end
    if last == 0 then
      redis.call('DEL', d.key)
    else
      local text = string.format('%.0f ', a.expires_at) .. table.concat(a, ' ', 1, last)
      keep(d.key, text, a.expires_at)
    end
  end
  function window.append(a, reply)
    for at = 1, 12 do reply[#reply + 1] = a[at] end
  end
  return window
end

-- A day, a week or a month, of four that the machine hands in. What is kept is when it ends and what is used
-- of it, and the same of the one that was charged before, for a clock that comes back to that.
function kinds.c()
  local calendar = {}
  function calendar.request(d)
    d.cost, d.limit = number(), number()
    d.bounds = { number(), number(), number(), number(), number() }
  end
  function calendar.load(d)
    local bounds, this = d.bounds, nil
    for at = 1, 3 do
      if bounds[at] <= now and now < bounds[at + 1] then
        this = at
      end
    end
    if not this then
      return nil
    end
    local a = { start = bounds[this], finish = bounds[this + 1], used = 0, other = 0 }
    for finish, used in known(d.key):gmatch('(%d+) (%d+)') do
      finish, used = tonumber(finish), min(tonumber(used), 4294967295)
      if finish == a.finish then
        a.used = used
      elseif a.other == 0 then
        a.other, a.other_used = finish, used
      end
    end
    return a
  end
  function calendar.room(a, d)
    return d.limit - a.used
  end
  function calendar.fits(a, d)
    return add(a.used, d.cost) <= d.limit
  end
  function calendar.acquire(a, d)
    a.used = min(add(a.used, d.cost), max(add(d.limit, d.limit), a.used))
    a.is_written = true
  end
  function calendar.lease(a, d, units)
    a.used = a.used + units
  end
  function calendar.refund(a, d)
    if min(d.charged_at, now) >= a.start and a.used > 0 then
      a.used = max(a.used - d.cost, 0)
      a.is_written = true
    end
  end
  function calendar.save(a, d)
    local text = string.format('%.0f %.0f', a.finish, a.used)
    if a.other > 0 then
      text = text .. string.format(' %.0f %.0f', a.other, a.other_used)
    end
    -- Not until an end that a clock set wrong has shown.
    keep(d.key, text, max(a.finish, min(a.other, d.bounds[5])))
  end
  function calendar.append(a, reply)
    reply[#reply + 1] = a.used
    reply[#reply + 1] = a.finish
  end
  return calendar
end

local requests, loaded, accounts, is_rejected = {}, {}, {}, false
for place = 1, count do
  local key, reset_key = KEYS[place], KEYS[count + place]
  local d = { key = key, kind = kind(argument()), is_enforced = argument() == '1' }
  d.extra, d.charged_at = number(), number() or now
  d.kind.request(d)
  requests[place] = d
  if operation == 'reset' then
    redis.call('DEL', key)
    -- Longer than any machine has units on lease.
    redis.call('SET', reset_key, now, 'PX', 60000)
  elseif operation == 'refund' then
    -- What was charged before a reset is given back already.
    d.is_void = d.charged_at < (tonumber(redis.pcall('GET', reset_key)) or 0)
  end
  -- Two requests may have one account.
  local a = accounts[key]
  if not a then
    a = d.kind.load(d)
    if not a then
      return { -1, now }
    end
    accounts[key] = a
  end
  loaded[place] = a
end

-- What is replied of each: its account as it was right after the operation.
local replied, leased, is_charged = {}, {}, {}
for place, d in ipairs(requests) do
  local a = accounts[d.key]
  replied[place], leased[place], is_charged[place] = a, 0, 0
  if operation == 'try_acquire' then
    if d.kind.fits(a, d) then
      a = copy(a)
      d.kind.acquire(a, d)
      is_charged[place] = 1
      local units = max(min(d.extra, floor(d.kind.room(a, d) / 2)), 0)
      if units > 0 then
        d.kind.lease(a, d, units)
        leased[place] = units
      end
      accounts[d.key], replied[place] = a, a
    elseif d.is_enforced then
      is_rejected = true
    end
  elseif operation == 'acquire' or operation == 'refund' and not d.is_void then
    a = copy(a)
    d.kind[operation](a, d)
    accounts[d.key], replied[place] = a, a
  end
end

local reply = { now }
for place, d in ipairs(requests) do
  local a = replied[place]
  if is_rejected then
    if is_charged[place] == 1 then
      a, is_charged[place], leased[place] = loaded[place], 0, 0
    end
    accounts[d.key] = loaded[place]
  end
  reply[#reply + 1] = is_charged[place]
  reply[#reply + 1] = leased[place]
  d.kind.append(a, reply)
end
for _, d in ipairs(requests) do
  local a = accounts[d.key]
  if a.is_written then
    d.kind.save(a, d)
    a.is_written = nil
  end
end
return reply
