-- One transaction on the entries of one namespace: what was asked for, what was accessed, what expired, what must go.
--
-- KEYS: ranks, expiries, usage, totals, and what the keys of all entries start with. All have one hash tag, so that a
--       cluster keeps them in one slot; the entries' own keys are made here, for which ones they are is found out here.
-- ARGV: time, or an empty string for the server's own; most entries, most bytes, bytes of a value's header,
--       1 and a prefix to clear from a cursor on, of what was written up to a run, or 0, two empty strings and 0,
--       which beginning of the books they are whole of or an empty string,
--       how many keys follow to be deleted, how many records, how many accesses; then those keys; for each record its key,
--       value, size, seconds to live and 1 if storing it is an access; for each access its key and how often.
-- Gives: entries removed, entries evicted, entries left, their bytes, seconds to the next expiry or an empty string,
--        which beginning of the books lacks entries from before it or 0 where they are whole, this run's number, and the
--        cursor to go on clearing from, or 0 where that is done.
--
-- ranks     sorted set: key by its rank (see eviction.py; all accesses of one transaction count as simultaneous)
-- expiries  sorted set: key by the moment when it expires, in seconds since the epoch
-- usage     hash: key to (worth of its accesses at the last one, when that was, size, number of the run that wrote it), four
--           doubles
-- totals    hash: bytes, the clock that half-lives are counted on, how many runs there were, how often the books were begun,
--           of which beginning they are whole
--
-- What the books say is put right as it is seen to differ: the server may expire and evict entries of its own accord, and
-- the books, too. Those that are not all there are begun anew; whoever is told so looks for the entries that are not in
-- them, and names them as accessed 0 times.

local ranks, expiries, usage, totals, prefix = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local RECENCY_SHARE, FREQUENCY_SHARE, UNASKED = 0.6, 0.4, 0.5
local MOST_SWEPT, MOST_CLEARED, BATCH, SAMPLE = 4096, 1024, 64, 2

local position = 0
local function take()
  position = position + 1
  return ARGV[position]
end

local function exact(number)
  return string.format('%.17g', number)
end

local time, most_entries, most_bytes, header = tonumber(take()), tonumber(take()), tonumber(take()), tonumber(take())
if not time then
  local moment = redis.call('TIME')
  time = tonumber(moment[1]) + tonumber(moment[2]) / 1e6
end
local clears, cleared, cursor, written_by, whole = take() == '1', take(), take(), tonumber(take()), take()
local deletes, records, accesses = tonumber(take()), tonumber(take()), tonumber(take())

-- A server that is out of memory refuses to store, before anything has changed; what only removes may go on, for the rest
-- of a script that has begun to write is not refused.
if records == 0 then
  redis.call('HDEL', totals, '')
end
local begun = redis.call('HSETNX', totals, 'bytes', '0') == 1 or not tonumber(redis.call('HGET', totals, 'bytes'))
local known = redis.call('HLEN', usage)
if begun or redis.call('ZCARD', ranks) ~= known or redis.call('ZCARD', expiries) ~= known then
  redis.call('UNLINK', ranks, expiries, usage)
  redis.call('HSET', totals, 'bytes', '0')
  redis.call('HINCRBY', totals, 'begun', 1)
end
local bytes = tonumber(redis.call('HGET', totals, 'bytes'))
local now = tonumber(redis.call('HGET', totals, 'now') or 0) or 0
local run = (tonumber(redis.call('HGET', totals, 'runs') or 0) or 0) + 1

local function recall(key)
  local known = redis.call('HGET', usage, key)
  if known then
    return struct.unpack('<dddd', known)
  end
end

local function note(key, worth, last, size, written)
  redis.call('HSET', usage, key, struct.pack('<dddd', worth, last, size, written))
  redis.call('ZADD', ranks, exact(last + math.log(RECENCY_SHARE + FREQUENCY_SHARE * worth) / math.log(2)), key)
end

local function forget(key)
  local _, _, size = recall(key)
  bytes = bytes - (size or 0)
  redis.call('HDEL', usage, key)
  redis.call('ZREM', ranks, key)
  redis.call('ZREM', expiries, key)
end

local function remove(key)
  forget(key)
  return redis.call('UNLINK', prefix .. key)
end

local function exists(key)
  return redis.call('EXISTS', prefix .. key) == 1
end

for _, key in ipairs(redis.call('ZRANGEBYSCORE', expiries, '-inf', exact(time), 'LIMIT', 0, MOST_SWEPT)) do
  remove(key)
end

local removed = 0
if clears then
  -- What is written after the first of several runs that clear is not meant.
  written_by = written_by > 0 and written_by or run
  local page = redis.call('HSCAN', usage, cursor, 'COUNT', MOST_CLEARED)
  cursor = page[1]
  for place = 1, #page[2], 2 do
    local key = page[2][place]
    local _, _, _, written = struct.unpack('<dddd', page[2][place + 1])
    if string.sub(key, 1, #cleared) == cleared and written <= written_by then
      removed = removed + remove(key)
    end
  end
end
for _ = 1, deletes do
  removed = removed + remove(take())
end

local sizes, used, order, total = {}, {}, {}, 0
local function use(key, count)
  if not used[key] then
    used[key] = 0
    order[#order + 1] = key
  end
  used[key] = used[key] + count
  total = total + count
end

local entries = redis.call('ZCARD', ranks)
for _ = 1, records do
  local key, value, size, ttl, access = take(), take(), tonumber(take()), tonumber(take()), take()
  redis.call('SET', prefix .. key, value, 'PX', string.format('%.0f', math.max(1, math.ceil(ttl * 1000))))
  redis.call('ZADD', expiries, exact(time + ttl), key)
  local _, _, before = recall(key)
  entries = entries + ((before or sizes[key]) and 0 or 1)
  bytes = bytes + size - (sizes[key] or before or 0)
  sizes[key] = size
  use(key, tonumber(access))
end
for _ = 1, accesses do
  use(take(), tonumber(take()))
end

now = now + total / math.max(entries, 1)
for _, key in ipairs(order) do
  local worth, last, size, written = recall(key)
  if sizes[key] then
    size, written = sizes[key], run
  elseif not exists(key) then
    forget(key)
    size = nil
  elseif not size then -- an entry that the books lost
    local length = redis.pcall('STRLEN', prefix .. key)
    if type(length) == 'number' and length >= header then
      size = length - header
      bytes = bytes + size
      redis.call('ZADD', expiries, exact(time + redis.call('PTTL', prefix .. key) / 1000), key)
    end
  end
  if size then
    local count = used[key]
    if not last then
      note(key, count > 0 and count or UNASKED, now, size, written or 0)
    elseif count > 0 then
      note(key, worth * math.pow(2, last - now) + count, now, size, written or 0)
    else
      note(key, worth, last, size, written)
    end
  end
end

for _, key in ipairs(redis.call('HRANDFIELD', usage, SAMPLE)) do
  if not exists(key) then
    forget(key)
  end
end

-- What this transaction used goes only if nothing else is left.
entries = redis.call('ZCARD', ranks)
local evicted, spared, sparing = 0, 0, true
while entries > most_entries or bytes > most_bytes do
  local candidates = redis.call('ZRANGE', ranks, spared, spared + BATCH - 1)
  if #candidates == 0 then
    if not sparing then
      break
    end
    spared, sparing = 0, false
  end
  for _, key in ipairs(candidates) do
    if entries <= most_entries and bytes <= most_bytes then
      break
    elseif sparing and used[key] then
      spared = spared + 1
    else
      evicted = evicted + remove(key)
      entries = entries - 1
    end
  end
end

redis.call('HSET', totals, 'bytes', exact(bytes), 'now', exact(now), 'runs', exact(run))
if whole ~= '' then
  redis.call('HSET', totals, 'whole', whole)
end
local beginning = redis.call('HGET', totals, 'begun') or '0'
if beginning == redis.call('HGET', totals, 'whole') then
  beginning = '0'
end
local soonest = redis.call('ZRANGE', expiries, 0, 0, 'WITHSCORES')
local left = soonest[2] and exact(tonumber(soonest[2]) - time) or ''
return { removed, evicted, entries, bytes, left, beginning, run, clears and cursor or '0' }
