-- Decides all demands of one request together, by this server's clock.
--
-- KEYS: the account of each demand.
-- ARGV: the deed (check, charge, look or refund), the time instead of the server's (or empty), when
-- what is given back was charged, and then of each demand its kind, whether it binds, how many units
-- more are taken on lease, how long a lease lasts (0 without leases), and what its kind needs: see
-- `demand`.
-- All times are in microseconds. No number reaches 2^53, so doubles are exact; a command is handed all of
-- their digits, what is put into a text has to be formatted.
--
-- Replies with integers: the time, and of each demand whether it was charged, how many units were taken
-- on lease, and its account: see `tell`. When the calendar handed in does not reach the server's time:
-- -1, and the time.

local deed, now, charged_at, slack = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), 3600000
if not now then
  local time = redis.call('TIME')
  now, slack = time[1] * 1000000 + time[2], 0
end

local max, min, floor, ceil = math.max, math.min, math.floor, math.ceil
local next_argument = 4
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
  return type(text) == 'string' and #text < 100 and text or ''
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
  if #KEYS == 1 then
    return account
  end
  local same = {}
  for name, value in pairs(account) do same[name] = value end
  return same
end

-- The sorts of accounts. They are made for the demands that need them, as a script runs anew each time.
local kinds, made = {}, {}
local function kind(name)
  made[name] = made[name] or kinds[name]()
  return made[name]
end

-- The generic cell rate algorithm: an account is when it is even again.
function kinds.g()
  local gcra = {}
  function gcra.demand(d)
    d.price, d.limit, d.interval, d.owed_until = number(), number(), number(), number()
  end
  function gcra.load(d)
    local even_at = tonumber(known(d.key))
    even_at = even_at and even_at > 0 and floor(even_at) or 0
    local bounded = min(even_at, now + 2 * d.limit)
    return { even_at = bounded, is_written = even_at > bounded }
  end
  function gcra.room(a, d)
    return floor((d.limit - max(a.even_at - now, 0)) / d.interval)
  end
  function gcra.fits(a, d)
    return d.price <= d.limit and max(a.even_at - now, 0) + d.price <= d.limit
  end
  function gcra.charge(a, d)
    a.even_at = min(max(a.even_at, now) + d.price, now + 2 * d.limit)
    a.is_written = true
  end
  function gcra.lease(a, d, units)
    a.even_at = a.even_at + units * d.interval
  end
  function gcra.refund(a, d)
    if a.even_at > 0 then
      local ahead = d.owed_until and max(d.owed_until - now, 0) or d.price
      a.even_at = max(a.even_at - min(d.price, ahead), 1)
      a.is_written = true
    end
  end
  function gcra.save(a, d)
    if a.even_at > now then
      keep(d.key, a.even_at, a.even_at)
    else
      redis.call('DEL', d.key)
    end
  end
  function gcra.tell(a, reply)
    reply[#reply + 1] = a.even_at
  end
  return gcra
end

-- The window of the last charge and the one before it.
function kinds.w()
  local window = {}
  function window.demand(d)
    d.cost, d.limit, d.period, d.step = number(), number(), number(), number()
  end
  function window.load(d)
    local a = { start = now, last = now, current = 0, previous = 0, previous_last = now }
    local forgotten_at, current, previous, last, previous_last =
      known(d.key):match('^(%d+) (%d+) (%d+) (%d+) (%d+)$')
    forgotten_at = tonumber(forgotten_at)
    if not forgotten_at or forgotten_at <= now then
      return a
    end
    current, previous = min(tonumber(current), 4294967295), min(tonumber(previous), 4294967295)
    local start, at = now, max(forgotten_at - d.period, 0)
    -- Later only when the clock has stepped back, or the policy had a longer period, or by a lease.
    if at >= now + d.step + d.lasts then
      at, a.is_written = now, true
    else
      start = max(at - min(tonumber(last), 65535) * d.step, 0)
    end
    if now - start >= d.period then
      a.previous, a.previous_last, a.is_written = current, at, nil
      return a
    end
    a.start, a.last, a.current = start, at, current
    a.previous_last = max(start - min(tonumber(previous_last), 65535) * d.step, 0)
    if now - a.previous_last < d.period then
      a.previous = previous
    end
    return a
  end
  function window.room(a, d)
    return d.limit - add(a.previous, a.current)
  end
  function window.fits(a, d)
    return add(add(a.previous, a.current), d.cost) <= d.limit
  end
  function window.charge(a, d)
    if a.current == 0 then
      a.start = now
    end
    a.current = min(add(a.current, d.cost), max(add(d.limit, d.limit), a.current))
    if a.last < now + d.step then
      a.last = now
    end
    a.is_written = true
  end
  -- What is leased may be spent until the lease is over, and is in sight for a period from then on.
  function window.lease(a, d, units)
    a.current = a.current + units
    a.last = max(a.last, min(now + d.lasts, a.start + d.period))
  end
  function window.refund(a, d)
    if max(now - charged_at, 0) >= d.period then
      return
    end
    local name = charged_at < a.start and 'previous' or 'current'
    a.is_written = a.is_written or a[name] > 0
    a[name] = max(a[name] - d.cost, 0)
  end
  function window.save(a, d)
    local last = min(ceil(max(a.last - a.start, 0) / d.step), 65535)
    local previous_last = min(floor(max(a.start - a.previous_last, 0) / d.step), 65535)
    local forgotten_at = a.start + ceil(max(a.last - a.start, 0) / d.step) * d.step + d.period
    local text = string.format('%.0f %.0f %.0f %.0f %.0f', forgotten_at, a.current, a.previous, last, previous_last)
    keep(d.key, text, forgotten_at)
  end
  function window.tell(a, reply)
    reply[#reply + 1] = a.start
    reply[#reply + 1] = a.last
    reply[#reply + 1] = a.current
    reply[#reply + 1] = a.previous
    reply[#reply + 1] = a.previous_last
  end
  return window
end

-- A day, a week or a month, of four that the machine hands in.
function kinds.c()
  local calendar = {}
  function calendar.demand(d)
    d.cost, d.limit, d.number = number(), number(), number()
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
    local a = { at = this, used = 0 }
    local period, used = known(d.key):match('^(%d+) (%d+)$')
    period, used = tonumber(period), tonumber(used)
    -- A clock that steps back over midnight does not give the quota back.
    if period == d.number + this - 1 or period == d.number + this then
      a.at, a.used = period - d.number + 1, min(used, 4294967295)
    end
    a.start, a.finish = bounds[a.at], bounds[a.at + 1]
    return a
  end
  function calendar.room(a, d)
    return d.limit - a.used
  end
  function calendar.fits(a, d)
    return add(a.used, d.cost) <= d.limit
  end
  function calendar.charge(a, d)
    a.used = min(add(a.used, d.cost), max(add(d.limit, d.limit), a.used))
    a.is_written = true
  end
  function calendar.lease(a, d, units)
    a.used = a.used + units
  end
  function calendar.refund(a, d)
    if min(charged_at, now) >= a.start then
      a.used = max(a.used - d.cost, 0)
      a.is_written = true
    end
  end
  function calendar.save(a, d)
    keep(d.key, string.format('%.0f %.0f', d.number + a.at - 1, a.used), a.finish)
  end
  function calendar.tell(a, reply)
    reply[#reply + 1] = a.used
    reply[#reply + 1] = a.finish
  end
  return calendar
end

local demands, loaded, accounts, is_refused = {}, {}, {}, false
for place, key in ipairs(KEYS) do
  local d = { key = key, kind = kind(argument()), binds = argument() == '1' }
  d.extra, d.lasts = number(), number()
  d.kind.demand(d)
  demands[place] = d
  -- Two demands may have one account.
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

-- What is told of each: its account as it was right after the deed.
local told, leased, is_charged = {}, {}, {}
for place, d in ipairs(demands) do
  local a = accounts[d.key]
  told[place], leased[place], is_charged[place] = a, 0, 0
  if deed == 'check' then
    if d.kind.fits(a, d) then
      a = copy(a)
      d.kind.charge(a, d)
      is_charged[place] = 1
      local units = max(min(d.extra, floor(d.kind.room(a, d) / 2)), 0)
      if units > 0 then
        d.kind.lease(a, d, units)
        leased[place] = units
      end
      accounts[d.key], told[place] = a, a
    elseif d.binds then
      is_refused = true
    end
  elseif deed ~= 'look' then
    a = copy(a)
    d.kind[deed](a, d)
    accounts[d.key], told[place] = a, a
  end
end

local reply = { now }
for place, d in ipairs(demands) do
  local a = told[place]
  if is_refused then
    if is_charged[place] == 1 then
      a, is_charged[place], leased[place] = loaded[place], 0, 0
    end
    accounts[d.key] = loaded[place]
  end
  reply[#reply + 1] = is_charged[place]
  reply[#reply + 1] = leased[place]
  d.kind.tell(a, reply)
end
for _, d in ipairs(demands) do
  local a = accounts[d.key]
  if a.is_written then
    d.kind.save(a, d)
    a.is_written = nil
  end
end
return reply
