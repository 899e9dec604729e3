-- Completes a note from the prebuild: generated divisions, and between them the page's own text, unchanged.
--
--   ::: {#tw-top-KEY}          the table of links (a raw block), breadcrumb and facts
--   the page
--   ::: {#tw-connections-KEY}  requirements and connections
--   the text of the page's own Connections section
--   ::: {#tw-sources-KEY}      the list of sources
--   the text of the page's own Sources section
--
-- KEY is a hash of the page, so no page can contain it. If a page leaves an element open, the division below it is
-- not at the top of the tree, and each part is parsed separately.

local M = {}

local here = ...
local sanitize, links = here.sanitize, here.links

local OFF = "\u{e000}"
local PARTS = { "top", "connections", "sources" }

--- Returns the blocks after each generated division up to the next, by name; nil if one is missing or out of order.
local function parts_of(blocks, key)
  local parts, number = { top = pandoc.Blocks({}) }, 0
  for _, block in ipairs(blocks) do
    local name = PARTS[number + 1]
    if name and block.t == "Div" and block.identifier == "tw-" .. name .. "-" .. key then
      number = number + 1
      parts[name] = { ours = block.content, theirs = pandoc.Blocks({}) }
    elseif number == 0 then
      return nil
    else
      parts[PARTS[number]].theirs:insert(block)
    end
  end
  return number == #PARTS and parts or nil
end

--- Parses the parts of a note separately from its text.
local function read_apart(text, key, reader)
  local parts = {}
  local from = {}
  for number, name in ipairs(PARTS) do
    from[number] = text:find("::: {#tw-" .. name .. "-" .. key .. "}", 1, true)
    while text:sub(from[number] - 1, from[number] - 1) == ":" do from[number] = from[number] - 1 end
  end
  for number, name in ipairs(PARTS) do
    local blocks = pandoc.read(text:sub(from[number], (from[number + 1] or 0) - 1), reader).blocks
    parts[name] = { ours = blocks[1].content, theirs = pandoc.Blocks({ table.unpack(blocks, 2) }) }
  end
  return parts
end

--- Returns the key of a note that the prebuild has written from a page; nil for other documents.
local function key_of(doc)
  local first = doc.blocks[1]
  return first and first.t == "Div" and first.identifier:match("^tw%-top%-(%x+)$")
end

--- Marks the first paragraph of a page as its lead.
local function with_lead(blocks)
  local first = blocks[1]
  if first and (first.t == "Para" or first.t == "Plain") then
    blocks[1] = pandoc.Div({ first }, { class = "tw-lead" })
  end
  return blocks
end

--- Removes and returns the contract of a computation at the end of the blocks; nil if there is none.
local function contract_of(blocks)
  local last = blocks[#blocks]
  return last and last.t == "Div" and last.classes:includes("tw-contract") and blocks:remove() or nil
end

--- Divisions that Quarto appends to a note, with the Markdown of the parts around it.
local ENVELOPES = { ["quarto-navigation-envelope"] = true, ["quarto-meta-markdown"] = true }

--- Returns Quarto's parts with paragraphs, like the reader of all other pages, so that all pages look alike.
local function with_paragraphs(envelope)
  return envelope:walk({
    Div = function(block)
      if block.classes:includes("quarto-markdown-envelope-contents") then
        block.content = block.content:map(function(inner)
          return inner.t == "Plain" and pandoc.Para(inner.content) or inner
        end)
        return block
      end
    end,
  })
end

local function without_envelopes(doc)
  local last, blocks = {}, doc.blocks
  while #blocks > 0 and blocks[#blocks].t == "Div" and ENVELOPES[blocks[#blocks].identifier] do
    table.insert(last, 1, with_paragraphs(blocks:remove()))
  end
  if #last > 0 then return last end
  doc:walk({ -- an open element of the page contains them; Quarto's own come last
    Div = function(block)
      if ENVELOPES[block.identifier] then last[block.identifier] = block end
    end,
  })
  return { last["quarto-navigation-envelope"], last["quarto-meta-markdown"] }
end

--- Guards the values of a note's table against Quarto's shortcodes. Keys stay unchanged, because they are looked up.
local function without_shortcodes(value)
  if type(value) == "string" then return (value:gsub("{{([<%%])", "{{" .. OFF .. "%1")) end
  if type(value) == "table" then
    for name, inner in pairs(value) do value[name] = without_shortcodes(inner) end
  end
  return value
end

--- Returns a document as a complete and safe note. `text` returns its source; `options` are added to the table.
function M.complete(doc, text, options)
  local key = key_of(doc)
  if not key then return nil end
  local envelopes = without_envelopes(doc)
  local parts = parts_of(doc.blocks, key)
  local table_block = doc.blocks[1].content[1]
  local data = pandoc.json.decode(table_block.text, false)
  if options and options.guard then data = without_shortcodes(data) end
  data.key = key
  for name, value in pairs(options or {}) do data[name] = value end
  parts = parts or read_apart(text(), key, data.reader)
  local seen = { connections = 0, requirements = 0, sources = 0 }
  local function safe(blocks)
    return sanitize.blocks(pandoc.Blocks(blocks), data, seen)
  end
  local out = links.ours({ table.unpack(parts.top.ours, 2) })
  local contract = contract_of(out)
  local body = safe(parts.top.theirs)
  if data.lead then body = with_lead(body) end
  if contract then body:insert(data.lead and #body > 0 and 2 or 1, contract) end
  out:extend(body)
  for _, name in ipairs({ "connections", "sources" }) do
    out:extend(links.ours(parts[name].ours))
    out:extend(safe(parts[name].theirs))
  end
  out:extend(envelopes)
  doc.blocks = out
  return doc
end

--- Completes a hand-written note: typed links, facts at the top, and connections before its sources.
function M.complete_by_hand(doc, data)
  doc = doc:walk({ Inlines = links.bracketed })
  doc = doc:walk({
    Link = function(link) if link.classes:includes("wikilink") then return links.link(link, data) end end,
  })
  local top = pandoc.read(data.strip, data.reader).blocks
  local connections = pandoc.read(data.connections, data.reader).blocks
  local place = #doc.blocks + 1
  for i, block in ipairs(doc.blocks) do
    local sources = block.t == "Header"
      and (block.identifier == "sources" or pandoc.utils.stringify(block.content) == data.sources)
    if sources then place = i end
  end
  local blocks = pandoc.Blocks(top)
  for i = 1, place - 1 do blocks:insert(doc.blocks[i]) end
  blocks:extend(connections)
  for i = place, #doc.blocks do blocks:insert(doc.blocks[i]) end
  doc.blocks = blocks
  return doc
end

--- Handles a page if the prebuild has never run: typed links become their labels.
function M.plain(doc)
  local met = false
  doc = doc:walk({ Inlines = links.bracketed })
  doc = doc:walk({
    Link = function(link)
      if not link.classes:includes("wikilink") then return nil end
      met = true
      local words = pandoc.utils.stringify(link.content)
      if words == link.target then words = words:gsub("^.*::", ""):gsub("^%u%w*:", ""):gsub("_", " ") end
      return pandoc.Span(words, { class = "tw-plain", title = link.target })
    end,
  })
  return doc, met
end

--- Removes the marks that kept Quarto from interpreting text (see quarto_syntax.py).
function M.unmarked(doc)
  local function unmark(element)
    if element.text:find(OFF, 1, true) then
      element.text = element.text:gsub(OFF, "")
      return element
    end
  end
  local function attributes(element)
    for name, value in pairs(element.attributes) do
      if value:find(OFF, 1, true) then element.attributes[name] = value:gsub(OFF, "") end
    end
    return element
  end
  local function address(field)
    return function(element)
      element[field] = element[field]:gsub(OFF, "")
      element.title = element.title:gsub(OFF, "")
      return attributes(element)
    end
  end
  return doc:walk({
    Str = unmark, Code = unmark, CodeBlock = unmark, Math = unmark, RawBlock = unmark,
    Span = attributes, Div = attributes, Link = address("target"), Image = address("src"),
  })
end

return M
