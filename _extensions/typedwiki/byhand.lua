-- What the prebuild has resolved for a note that somebody wrote: its typed links, the line under its
-- title and its connections. Used by Quarto's filter and by the draft's converter.

local M = {}

--- The same key as link_key in scripts/typedwiki/notes/by_hand.py, from running text.
local function key(text)
  text = text:gsub("‘", "'"):gsub("’", "'"):gsub("“", '"'):gsub("”", '"'):gsub("–", "-"):gsub("—", "-")
  text = text:gsub("%-+", "-"):gsub("[%s_*`\\]+", " ")
  return (text:gsub("^ ", ""):gsub(" $", ""))
end

local function inlines(markdown, reader)
  return pandoc.utils.blocks_to_inlines(pandoc.read(markdown, reader).blocks)
end

--- Where `[[` stands in an inline, if it does.
local function opens(inline)
  return inline.t == "Str" and inline.text:find("[[", 1, true)
end

--- Replaces each `[[...]]` that the prebuild knows; others stay as they are.
function M.link(list, data)
  local out, i = pandoc.List({}), 1
  while i <= #list do
    local start, found = opens(list[i]), false
    if start then
      local text = list[i].text:sub(start)
      for j = i, math.min(#list, i + 60) do
        if j > i then
          text = text .. (list[j].t == "SoftBreak" and " " or pandoc.utils.stringify(list[j]))
        end
        local inner, rest = text:match("^%[%[(.-)%]%](.*)$")
        if inner then
          local known = data.links[key(inner)]
          if known then
            if start > 1 then
              out:insert(pandoc.Str(list[i].text:sub(1, start - 1)))
            end
            out:extend(inlines(known, data.reader))
            list = pandoc.List({ pandoc.Str(rest) }) .. list:filter(function(_, k) return k > j end)
            i, found = 1, true
          end
          break
        end
      end
    end
    if not found then
      if not (list[i].t == "Str" and list[i].text == "") then
        out:insert(list[i])
      end
      i = i + 1
    end
  end
  return pandoc.Inlines(out)
end

--- The note with its links, the strip on top and its connections before its sources.
function M.complete(doc, data)
  doc = doc:walk({ Inlines = function(list) return M.link(list, data) end })
  local top = pandoc.read(data.strip, data.reader).blocks
  local connections = pandoc.read(data.connections, data.reader).blocks
  local place = #doc.blocks + 1
  for i, block in ipairs(doc.blocks) do
    if block.t == "Header" and block.identifier == "sources" then
      place = i
    end
  end
  local blocks = pandoc.List(top)
  for i = 1, place - 1 do blocks:insert(doc.blocks[i]) end
  blocks:extend(connections)
  for i = place, #doc.blocks do blocks:insert(doc.blocks[i]) end
  doc.blocks = pandoc.Blocks(blocks)
  return doc
end

return M
