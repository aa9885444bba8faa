-- Decides all quota requests of one client's request together, by this server's clock.
--
-- KEYS: the account of each request. A refund and a reset add the keys that store when each was reset.
-- ARGV: the operation (try_acquire, acquire, peek, refund or reset), the time instead of the server's (or
-- empty), and of each request: its kind (gcra, window or calendar), whether it is enforced, how many more
-- units are taken on lease, when what is refunded was charged (or empty), and what `parse` of its kind reads.
-- All times are in microseconds. No number reaches 2^53, so doubles are exact. A command gets all of their
-- digits; what becomes part of a text has to be formatted.
--
-- Returns integers: the time, and of each request whether it was charged, how many units were taken on lease,
-- and its account, as its kind appends it. If the periods of a calendar do not reach the server's
-- time, it returns -1 and the time.

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
local function read(key)
  local text = redis.pcall('GET', key)
  return type(text) == 'string' and #text < 200 and text or ''
end
local function store(key, text, expires_at)
  local milliseconds = max(ceil((expires_at - now) / 1000), 1) + slack
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

-- The kinds of accounts. Each is made when a request needs it, as a script runs from its first line each time.
local kinds, made = {}, {}
local function kind(name)
  made[name] = made[name] or kinds[name]()
  return made[name]
end

-- The generic cell rate algorithm: an account is its theoretical arrival time.
function kinds.gcra()
  local gcra = {}
  function gcra.parse(request)
    request.price, request.limit, request.interval, request.full_at = number(), number(), number(), number()
  end
  function gcra.load(request)
    local tat = tonumber(read(request.key))
    tat = tat and tat > 0 and floor(tat) or 0
    local bounded = min(tat, now + 2 * request.limit)
    return { tat = bounded, is_written = tat > bounded }
  end
  function gcra.room(a, request)
    return floor((request.limit - max(a.tat - now, 0)) / request.interval)
  end
  function gcra.fits(a, request)
    return request.price <= request.limit and max(a.tat - now, 0) + request.price <= request.limit
  end
  function gcra.acquire(a, request)
    a.tat = min(max(a.tat, now) + request.price, now + 2 * request.limit)
    a.is_written = true
  end
  function gcra.lease(a, request, units)
    a.tat = a.tat + units * request.interval
  end
  function gcra.refund(a, request)
    if a.tat > 0 then
      local ahead = request.full_at and max(request.full_at - now, 0) or request.price
      a.tat = max(a.tat - min(request.price, ahead), 1)
      a.is_written = true
    end
  end
  function gcra.save(a, request)
    if a.tat > now then
      store(request.key, a.tat, a.tat)
    else
      redis.call('DEL', request.key)
    end
  end
  function gcra.append(a, reply)
    reply[#reply + 1] = a.tat
  end
  return gcra
end

-- The sliding window of tower-edge-core: when the newest of twelve sub-windows is out of sight, and what
-- was charged in each, the newest first. Zeros at the end are not stored.
function kinds.window()
  local window = {}
  local function used(a)
    local sum = 0
    for at = 1, 12 do sum = add(sum, a[at]) end
    return sum
  end
  function window.parse(request)
    request.cost, request.limit, request.step = number(), number(), number()
  end
  function window.load(request)
    local a, stored = { expires_at = now - now % request.step + 12 * request.step }, {}
    for digits in read(request.key):gmatch('%d+') do
      stored[#stored + 1] = tonumber(digits)
    end
    local expires_at = stored[1] or 0
    local passed = max(ceil((a.expires_at - expires_at) / request.step), 0)
    for at = 1, 12 do
      a[at] = at > passed and min(stored[at - passed + 1] or 0, 4294967295) or 0
    end
    -- One that is ahead is brought back for good: it would be as far ahead the next time.
    a.is_written = expires_at > a.expires_at
    return a
  end
  function window.room(a, request)
    return request.limit - used(a)
  end
  function window.fits(a, request)
    return add(used(a), request.cost) <= request.limit
  end
  function window.acquire(a, request)
    a[1] = add(a[1], min(request.cost, max(add(request.limit, request.limit) - used(a), 0)))
    a.is_written = true
  end
  function window.lease(a, request, units)
    a[1] = a[1] + units
  end
  function window.refund(a, request)
    local ago = max(floor(now / request.step) - floor(request.charged_at / request.step), 0)
    if ago < 12 then
      a[ago + 1] = max(a[ago + 1] - request.cost, 0)
      a.is_written = true
    end
  end
  function window.save(a, request)
    local last = 12
    while a[last] == 0 do last = last - 1 end
    if last == 0 then
      redis.call('DEL', request.key)
    else
      local text = string.format('%.0f ', a.expires_at) .. table.concat(a, ' ', 1, last)
      store(request.key, text, a.expires_at)
    end
  end
  function window.append(a, reply)
    for at = 1, 12 do reply[#reply + 1] = a[at] end
  end
  return window
end

-- A day, a week or a month, of the four in the arguments. An account is when it ends and what is used of it, and
-- the same of the period that was charged before, for a clock that comes back to it.
function kinds.calendar()
  local calendar = {}
  function calendar.parse(request)
    request.cost, request.limit = number(), number()
    request.bounds = { number(), number(), number(), number(), number() }
  end
  function calendar.load(request)
    local bounds, this = request.bounds, nil
    for at = 1, 3 do
      if bounds[at] <= now and now < bounds[at + 1] then
        this = at
      end
    end
    if not this then
      return nil
    end
    local a = { start = bounds[this], finish = bounds[this + 1], used = 0, other = 0 }
    for finish, used in read(request.key):gmatch('(%d+) (%d+)') do
      finish, used = tonumber(finish), min(tonumber(used), 4294967295)
      if finish == a.finish then
        a.used = used
      elseif a.other == 0 then
        a.other, a.other_used = finish, used
      end
    end
    return a
  end
  function calendar.room(a, request)
    return request.limit - a.used
  end
  function calendar.fits(a, request)
    return add(a.used, request.cost) <= request.limit
  end
  function calendar.acquire(a, request)
    a.used = min(add(a.used, request.cost), max(add(request.limit, request.limit), a.used))
    a.is_written = true
  end
  function calendar.lease(a, request, units)
    a.used = a.used + units
  end
  function calendar.refund(a, request)
    if min(request.charged_at, now) >= a.start and a.used > 0 then
      a.used = max(a.used - request.cost, 0)
      a.is_written = true
    end
  end
  function calendar.save(a, request)
    local text = string.format('%.0f %.0f', a.finish, a.used)
    if a.other > 0 then
      text = text .. string.format(' %.0f %.0f', a.other, a.other_used)
    end
    -- Not until an end that only a wrong clock has shown.
    store(request.key, text, max(a.finish, min(a.other, request.bounds[5])))
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
  local request = { key = key, kind = kind(argument()), is_enforced = argument() == '1' }
  request.extra, request.charged_at = number(), number() or now
  request.kind.parse(request)
  requests[place] = request
  if operation == 'reset' then
    redis.call('DEL', key)
    -- Longer than any machine has units on lease.
    redis.call('SET', reset_key, now, 'PX', 60000)
  elseif operation == 'refund' then
    -- What was charged before a reset is given back already.
    request.is_void = request.charged_at < (tonumber(redis.pcall('GET', reset_key)) or 0)
  end
  -- Two requests may have one account.
  local a = accounts[key]
  if not a then
    a = request.kind.load(request)
    if not a then
      return { -1, now }
    end
    accounts[key] = a
  end
  loaded[place] = a
end

-- The account that is returned of each is as it was right after the operation.
local returned, leased, is_charged = {}, {}, {}
for place, request in ipairs(requests) do
  local a = accounts[request.key]
  returned[place], leased[place], is_charged[place] = a, 0, 0
  if operation == 'try_acquire' then
    if request.kind.fits(a, request) then
      a = copy(a)
      request.kind.acquire(a, request)
      is_charged[place] = 1
      local units = max(min(request.extra, floor(request.kind.room(a, request) / 2)), 0)
      if units > 0 then
        request.kind.lease(a, request, units)
        leased[place] = units
      end
      accounts[request.key], returned[place] = a, a
    elseif request.is_enforced then
      is_rejected = true
    end
  elseif operation == 'acquire' or operation == 'refund' and not request.is_void then
    a = copy(a)
    request.kind[operation](a, request)
    accounts[request.key], returned[place] = a, a
  end
end

local reply = { now }
for place, request in ipairs(requests) do
  local a = returned[place]
  if is_rejected then
    if is_charged[place] == 1 then
      a, is_charged[place], leased[place] = loaded[place], 0, 0
    end
    accounts[request.key] = loaded[place]
  end
  reply[#reply + 1] = is_charged[place]
  reply[#reply + 1] = leased[place]
  request.kind.append(a, reply)
end
for _, request in ipairs(requests) do
  local a = accounts[request.key]
  if a.is_written then
    request.kind.save(a, request)
    a.is_written = nil
  end
end
return reply
