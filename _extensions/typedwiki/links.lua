-- Resolves links and images of a page by the table that the prebuild has written (see
-- scripts/typedwiki/notes/link_table.py): `wiki` by the text in the brackets, `files` by address, `images`
-- by address, `locations` by the text that names a place in a repository.

local M = {}

local html = (...).html

local SCHEMES = { http = true, https = true, ftp = true, mailto = true }

--- Returns the same key as link_key in link_table.py.
function M.key(text)
  text = text:gsub("\u{e000}", ""):gsub("‘", "'"):gsub("’", "'"):gsub("“", '"'):gsub("”", '"'):gsub("–", "-"):gsub("—", "-")
  if text:find("[\xc2\xe1-\xe3]") then -- spaces of other widths
    text = text:gsub("\xc2[\x85\xa0]", " "):gsub("\xe2\x80[\x80-\x8a\xa8\xa9\xaf]", " "):gsub("\xe2\x81\x9f", " ")
    text = text:gsub("\xe1\x9a\x80", " "):gsub("\xe3\x80\x80", " ")
  end
  text = text:gsub("\\(%p)", "%1"):gsub("%-+", "-"):gsub("[%s_*`\\]+", " ") -- a target keeps its `\<`
  return (text:gsub("^ ", ""):gsub(" $", ""))
end

--- Returns an address with percent-encoding decoded.
function M.decoded(address)
  return (address:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

--- Returns an address outside the wiki that a browser may open, or nil.
local function outside(address)
  local scheme = address:match("^(%a[%w+.-]*):")
  if scheme and SCHEMES[scheme:lower()] and (address:match("^%a+://[^/]") or scheme:lower() == "mailto") then
    return address
  end
  return address:match("^www%.%w") and "https://" .. address or nil
end

local decoded = M.decoded

local function text(words) return pandoc.Inlines(pandoc.Str(words)) end

--- Returns text styled as a missing link, with the reason as a tooltip.
local function missing(content, why)
  return pandoc.Span(content, pandoc.Attr("", { "tw-missing" }, { { "title", why } }))
end

--- Returns the inlines for an entry of the table. `content` is the label, or nil if the link has none.
local function shown(entry, content)
  content = entry.label and text(entry.label) or content or text(entry.text or "")
  if entry.missing then
    local result = pandoc.Inlines({ missing(content, entry.missing) })
    for number, choice in ipairs(entry.choices or {}) do
      result:extend({ pandoc.Str(number == 1 and " (one of " or ", "), shown(choice)[1] })
    end
    if entry.choices then result:insert(pandoc.Str(")")) end
    return result
  end
  if entry.to and entry.to ~= "" then
    local classes = entry.class and pandoc.List(entry.class:gmatch("%S+")) or {}
    return pandoc.Inlines({ pandoc.Link(content, entry.to, "", pandoc.Attr("", classes)) })
  end
  return content
end

--- Reduces inlines to words and emphasis.
local function bare(inlines)
  local function content(inline) return inline.content end
  return pandoc.Inlines(inlines):walk({ Inlines = html.inlines }):walk({
    Link = content, Span = content, Cite = content, Image = function(image) return image.caption end,
    Code = function(code) return pandoc.Code(code.text) end,
    Note = function() return {} end,
  })
end

--- Returns a label as Markdown; nil if the link has none of its own.
local function label_of(link, data)
  local words = pandoc.utils.stringify(link.content)
  if words == link.target or words == "" then return nil end
  if words:find("[%*_`~^$<&\\%[=]") then
    return bare(pandoc.utils.blocks_to_inlines(pandoc.read(words, data.reader).blocks))
  end
  return link.content
end

local function wiki_link(link, data)
  local target = link.target:gsub("\\$", "")
  local label = label_of(link, data)
  local entry = label and data.wiki[M.key(target .. "|" .. pandoc.utils.stringify(link.content))] or data.wiki[M.key(target)]
  if not entry then
    return pandoc.Inlines({ pandoc.Str("[[" .. target .. (label and "|" .. pandoc.utils.stringify(link.content) or "") .. "]]") })
  end
  return shown(entry, label)
end

--- Returns a text with wiki links replaced by their labels.
function M.words(words, data)
  return (words:gsub("!?%[%[([^%[%]]*)%]%]", function(inner)
    local target, label = inner:match("^([^|]*)|?(.*)$")
    local entry = data.wiki[M.key(target)]
    return label ~= "" and label or entry and entry.text or target
  end))
end

--- Resolves a link of a page.
function M.link(link, data)
  if link.classes:includes("wikilink") then return wiki_link(link, data) end
  local content = #link.content > 0 and link.content or nil
  local to = outside(link.target)
  if to then
    local class = link.classes:filter(function(name) return name == "uri" or name == "email" end)
    return pandoc.Link(content or text(to), to, M.words(link.title, data), pandoc.Attr("", class))
  end
  local entry = data.files[decoded(link.target)]
  if not entry and link.classes:includes("uri") then return content end -- `news:x` is text
  if not entry then
    return content and missing(content, decoded(link.target):sub(1, 80) .. ": not linked") or {}
  end
  local made = shown(entry, content) -- MyST's `[](page.md)` shows the title of the page
  if link.title ~= "" and made[1] and made[1].t == "Link" then made[1].title = M.words(link.title, data) end
  return made
end

local UNITS = {}
for name in ("px % em rem cm mm in pt pc vw vh"):gmatch("%S+") do UNITS[name] = true end

--- Returns the size of an image, the only attribute that a page may set.
local function size(image)
  local attributes = {}
  for _, name in ipairs({ "width", "height" }) do
    local value = image.attributes[name]
    local unit = value and value:match("^%d+%.?%d*([a-z%%]*)$")
    if unit and (unit == "" or UNITS[unit]) then
      table.insert(attributes, { name, value })
    end
  end
  return attributes
end

--- Parses `200` or `200x100`, Obsidian's syntax for the size of an image; nil for other words.
local function written_size(words)
  local width, height = words:match("^(%d+)x?(%d*)$")
  return width and { { "width", width }, height ~= "" and { "height", height } or nil }
end

--- Returns an image of a page with the site's copy of its file, or a link if the file is elsewhere.
function M.image(image, data)
  local src, attributes = image.src, size(image)
  if image.classes:includes("wikilink") then
    local words = pandoc.utils.stringify(image.caption)
    local entry = data.wiki["!" .. M.key(src)]
    if entry then return shown(entry, words ~= src and image.caption or nil) end
    local alt, last = words:match("^(.-)|?([^|]*)$")
    attributes = written_size(last) or {}
    words = words == src and "" or (#attributes > 0 and alt or words)
    image.caption = words == "" and {} or text(words)
    table.insert(attributes, { "sized", "1" }) -- for an enclosing figure
  end
  local page = not image.classes:includes("wikilink") and data.files[decoded(src)] -- an embed that stays a link
  if page then return shown(page, #image.caption > 0 and image.caption or nil) end
  local to = outside(src)
  local name = #src > 200 and pandoc.utils.sha1(src) or decoded(src)
  local copied = data.images[name]
  if image.classes:includes("wikilink") then copied = copied or data.images[name:match("^[^#]*")] end -- `plan.pdf#page=2`
  if to and not (copied and copied.to) then -- the site loads nothing from other hosts, unless its settings allow it
    return pandoc.Link(#image.caption > 0 and image.caption or text("image"), to)
  end
  if copied and copied.file then
    return pandoc.Link(#image.caption > 0 and image.caption or text(name), copied.file)
  end
  if copied and copied.to then
    local alt = image.attributes.alt
    local shown_image = pandoc.Image(image.caption, copied.to, image.title, pandoc.Attr("", {}, attributes))
    if alt then shown_image.attributes.alt = alt end
    return shown_image
  end
  local words = #image.caption > 0 and image.caption or text(#src > 200 and "image" or name)
  return missing(words, (#src > 200 and "image" or name:sub(1, 80)) .. ": no such file")
end

--- Sanitises generated blocks: pandoc may have found unsafe addresses in titles.
function M.ours(blocks)
  return pandoc.Blocks(blocks):walk({
    Link = function(link)
      if link.target:match("^%a[%w+.-]*:") and not outside(link.target) then return link.content end
    end,
  })
end

--- Turns places in a repository, such as `trainer.py:L279-284`, into links.
function M.locations(blocks, locations)
  return blocks:walk({
    traverse = "topdown",
    Link = function(link) return link, false end,
    Code = function(code)
      local to = locations[code.text]
      if to then return pandoc.Link({ code }, to, "", pandoc.Attr("", { "tw-location" })), false end
    end,
    Str = function(str)
      local before, place, after = str.text:match("^([(\"']*)(.-)([%p]*)$")
      local to = place and #place > 4 and locations[place]
      if to then
        local link = pandoc.Link(text(place), to, "", pandoc.Attr("", { "tw-location" }))
        return pandoc.Inlines({ pandoc.Str(before), link, pandoc.Str(after) }), false
      end
    end,
  })
end

--- Turns `[[...]]` in running text into links, for notes whose reader does not support them.
function M.bracketed(list)
  local out, i = pandoc.List({}), 1
  while i <= #list do
    local start = list[i].t == "Str" and list[i].text:find("[[", 1, true)
    local found = false
    if start then
      local words = list[i].text:sub(start)
      for j = i, math.min(#list, i + 60) do
        if j > i then
          words = words .. (list[j].t == "SoftBreak" and " " or pandoc.utils.stringify(list[j]))
        end
        local inner, rest = words:match("^%[%[(.-)%]%](.*)$")
        if inner then
          local target, label = inner:match("^([^|]*)|?(.*)$")
          if start > 1 then out:insert(pandoc.Str(list[i].text:sub(1, start - 1))) end
          out:insert(pandoc.Link(text(label ~= "" and label or target), target, "", pandoc.Attr("", { "wikilink" })))
          list = pandoc.List({ pandoc.Str(rest) }) .. list:filter(function(_, k) return k > j end)
          i, found = 1, true
          break
        end
      end
    end
    if not found then
      if not (list[i].t == "Str" and list[i].text == "") then out:insert(list[i]) end
      i = i + 1
    end
  end
  return pandoc.Inlines(out)
end

return M
