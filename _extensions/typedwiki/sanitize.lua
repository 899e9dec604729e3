-- Removes active content from a page's tree, by an allow-list of classes, attributes, identifiers, raw HTML and
-- addresses. Parsed text cannot be misread later, so no text is escaped; a mark (see
-- scripts/typedwiki/text/quarto_syntax.py) only splits text that Quarto would parse again in a finished tree.

local M = {}

local here = ...
local html, links, flavours = here.html, here.links, here.flavours

local OFF = "\u{e000}"
local CALLOUTS = { note = true, tip = true, warning = true, important = true, caution = true }
local OPTIONS = {
  collapse = { ["true"] = true, ["false"] = true },
  appearance = { default = true, simple = true, minimal = true },
  icon = { ["true"] = true, ["false"] = true },
}
local SPANS = { mark = true, smallcaps = true, underline = true }
--- The same as NOTE_ANCHORS and RESERVED_ANCHORS in scripts/typedwiki/text/anchors.py.
local OWN = { connections = true, requirements = true, sources = true }
local PREFIXES = { "quarto", "tw", "typedwiki", "listing" }
local TAKEN = {}
for name in ([[TOC title-block-header skip exports module define require process global globals vis Plotly MathJax
  Fuse Headroom ClipboardJS AnchorJS anchors autocomplete bootstrap tippy Popper mermaid algolia jQuery lightbox
  window document location top self]]):gmatch("%S+") do TAKEN[name] = true end
local REFERENCES = {}
for name in ("fig tbl eq lst sec thm lem cor prp cnj def exm exr sol rem alg tip nte wrn imp cau"):gmatch("%S+") do
  REFERENCES[name] = true
end
local DEEPEST_FORMULA = 6

--- Returns whether an identifier belongs to the site's own elements, or to Quarto's cross-references.
local function is_taken(id)
  if TAKEN[id] then return true end
  local prefix = id:match("^(%a+)%-.")
  if prefix and REFERENCES[prefix] then return true end
  for _, name in ipairs(PREFIXES) do
    if id:lower() == name or id:lower():match("^" .. name .. "%-") then return true end
  end
  return false
end

--- Returns an identifier that is unique in the note.
local function free(id, seen)
  local base = is_taken(id) and "section-" .. id or id
  local name = base
  while seen[name] do
    seen[base] = seen[base] + 1
    name = base .. "-" .. seen[base]
  end
  seen[name] = 0
  return name
end

--- Returns the nesting depth of sub- and superscripts in a formula, like formula_depth in
--- scripts/typedwiki/text/cost.py: pandoc's time doubles with each level.
local function depth(formula)
  local deepest, level, open = 0, 0, {}
  formula = formula:gsub("[_^]%s*{", "\1") -- the brace of a sub- or superscript
  for sign in formula:gmatch("[{}\1]") do
    if sign == "}" then
      level = level - (table.remove(open) or 0)
    else
      table.insert(open, sign == "\1" and 1 or 0)
      level = level + open[#open]
      deepest = math.max(deepest, level)
    end
  end
  return deepest
end

local function math_(formula)
  if depth(formula.text) > DEEPEST_FORMULA then return pandoc.Code(formula.text) end
end

--- Guards a caption, so that Quarto finds no attributes in it.
local function caption(blocks)
  return blocks:walk({
    Str = function(str)
      if str.text:find("[{}]") then return pandoc.Str((str.text:gsub("[{}]", OFF .. "%0"))) end
    end,
  })
end

--- Turns an image alone in its paragraph into a figure, as pandoc does.
local function paragraph(block)
  local image = #block.content == 1 and block.content[1].t == "Image" and block.content[1]
  if image and #image.caption > 0 then
    image.attributes.sized = nil
    return pandoc.Figure({ pandoc.Plain({ image }) }, { long = { pandoc.Plain(image.caption) } })
  end
end

--- Removes the attributes of a table. Rows and cells have none: neither Markdown nor html.lua gives them any.
local function plain_table(block)
  block.attr = pandoc.Attr()
  -- Pandoc gives columns the widths of their dashes, which nobody means: browsers fit them to what they hold.
  block.colspecs = block.colspecs:map(function(column) return { column[1], nil } end)
  block.caption.long = caption(pandoc.Blocks(block.caption.long))
  return block
end

--- Puts the title of a callout before its content as a heading, which Quarto does not parse again.
local function callout(block, kind, data)
  local attributes, title = {}, block.attributes.title
  for name, values in pairs(OPTIONS) do
    local value = block.attributes[name]
    if value and values[value] then table.insert(attributes, { name, value }) end
  end
  table.sort(attributes, function(a, b) return a[1] < b[1] end)
  local content = pandoc.Blocks(block.content)
  if title and title ~= "" then
    local words = pandoc.Inlines(links.words(title, data))
    content:insert(1, pandoc.Header(2, words, pandoc.Attr("", { "tw-callout-title" })))
  elseif content[1] and content[1].t == "Header" then
    content[1].attr = pandoc.Attr("", { "tw-callout-title" })
  end
  return pandoc.Div(content, pandoc.Attr("", { "callout-" .. kind }, attributes))
end

local ESCAPES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" }

--- Returns a diagram, which assets/diagram.js draws when it comes near the view.
local function mermaid(words)
  return pandoc.RawBlock("html", '<div class="tw-mermaid"><pre>' .. words:gsub("[&<>]", ESCAPES) .. "</pre></div>")
end

local function div(block, data)
  if block.identifier == data.key then return nil end -- the placeholder of an embed
  if #block.classes == 1 then
    local kind = block.classes[1]:match("^callout%-(%a+)$")
    if kind and CALLOUTS[kind] then return callout(block, kind, data) end
  end
  if block.classes:includes("cell") and data.trusted then return nil end
  for _, class in ipairs({ "panel-tabset", "column-margin" }) do
    if block.classes:includes(class) then return pandoc.Div(block.content, pandoc.Attr("", { class })) end
  end
  for number, inner in ipairs(block.content) do
    if inner.t == "Plain" then block.content[number] = pandoc.Para(inner.content) end
  end
  return block.content
end

local function code_block(block, data)
  local language = (block.classes[1] or ""):gsub(OFF, "")
  language = language:match("^{*%.?([%a][%w_+#.-]*)}*$")
  if language == "mermaid" then
    for _, allowed in ipairs(data.diagrams or {}) do
      if allowed:gsub("%s+$", "") == block.text:gsub("%s+$", "") then return mermaid((block.text:gsub(OFF, ""))) end
    end
  end
  local name = block.attributes.filename
  local attributes = name and not name:find("[<>{}\"']") and { { "filename", name } } or {}
  block.attr = pandoc.Attr("", language and { language } or {}, attributes)
  return block
end

--- Handles an image alone in its paragraph, with its caption.
local function figure(block)
  local first = block.content[1]
  local image = first and (first.t == "Plain" or first.t == "Para") and first.content[1]
  if not image or image.t ~= "Image" then
    if not first or (first.t ~= "Plain" and first.t ~= "Para") then return block.content end
    local words = pandoc.Blocks({ pandoc.Para(first.content) })
    local below = pandoc.Blocks(block.caption.long) -- with an alternative text, the caption is not the picture's words
    if pandoc.utils.stringify(below) ~= pandoc.utils.stringify(first.content) then
      words:insert(pandoc.Para(pandoc.utils.blocks_to_inlines(below)))
    end
    return words
  end
  if #image.caption == 0 then
    image.attributes.sized = nil
    return pandoc.Para({ image })
  end
  if image.attributes.sized then -- the caption was a size
    block.caption.long = { pandoc.Plain(image.caption) }
    image.attributes.sized = nil
  end
  block.caption.long = caption(pandoc.Blocks(block.caption.long))
  block.attr = pandoc.Attr()
  return block
end

--- Returns a placeholder that no page can forge, to be filled at the end.
local function place_of(words, data)
  return pandoc.Div({ pandoc.Plain({ pandoc.Str(words) }) }, pandoc.Attr(data.key))
end

--- Splits paragraphs with embeds into text and placeholders, to be filled at the end.
local function with_places(blocks, data)
  local function place(block)
    local content = block.t == "Figure" and block.content[1] and block.content[1].content or block.content
    local out, around = pandoc.Blocks({}), pandoc.Inlines({})
    local function close()
      if pandoc.utils.stringify(around):match("%S") then out:insert(pandoc.Para(around)) end
      around = pandoc.Inlines({})
    end
    for _, inline in ipairs(content or {}) do
      local key = inline.t == "Image"
        and links.key(inline.classes:includes("wikilink") and inline.src or links.decoded(inline.src))
      if key and data.embeds[key] then
        close()
        out:insert(place_of(key, data))
      else
        around:insert(inline)
      end
    end
    if #out == 0 then return nil end
    close()
    return out
  end
  return blocks:walk({ Para = place, Figure = place })
end

local function filled(blocks, data, seen)
  return blocks:walk({
    Div = function(block)
      if block.identifier ~= data.key then return nil end
      local words = pandoc.utils.stringify(block.content)
      local embed = data.embeds[words]
      local inner = M.blocks(pandoc.read(embed.markdown, data.reader).blocks, embed.data, seen)
      local source = pandoc.Link(embed.title, embed.to, "", pandoc.Attr("", { "tw-link", embed.class }))
      inner:insert(1, pandoc.Div({ pandoc.Plain({ source }) }, { class = "tw-embed-source" }))
      return pandoc.Div(inner, { class = "tw-embed" })
    end,
  })
end

--- Guards text that Quarto would read as attributes of the element before it.
local function guarded(blocks)
  return blocks:walk({
    Str = function(str)
      if str.text:sub(1, 1) == "{" then return pandoc.Str(OFF .. str.text) end
    end,
  })
end

--- Hidden characters, as in `characters.py`: numeric references appear only in the tree.
local HIDDEN = {
  { 0x00, 0x08 }, { 0x0B, 0x0C }, { 0x0E, 0x1F }, { 0x7F, 0x9F }, { 0x180E, 0x180E }, { 0x202A, 0x202E },
  { 0x2061, 0x206F }, { 0x3164, 0x3164 }, { 0xE001, 0xE003 }, { 0xFDD0, 0xFDEF }, { 0xFEFF, 0xFEFF },
  { 0xFFA0, 0xFFA0 }, { 0xFFF0, 0xFFFB }, { 0xFFFE, 0xFFFF }, { 0x1BCA0, 0x1BCA3 }, { 0x1D173, 0x1D17A },
  { 0xE0000, 0xE0FFF },
}

local function visible(text)
  if not text:find("[\0-\8\11\12\14-\31\127-\255]") then return text end
  return (text:gsub(utf8.charpattern, function(character)
    local code = utf8.codepoint(character)
    for _, range in ipairs(HIDDEN) do
      if code >= range[1] and code <= range[2] then return utf8.char(0xFFFD) end
    end
  end))
end

local function without_hidden(blocks)
  local function titled(element)
    element.title = visible(element.title)
    return element
  end
  return blocks:walk({
    Str = function(str) return pandoc.Str(visible(str.text)) end,
    Link = titled,
    Image = titled,
  })
end

--- Returns the blocks of a page with links resolved and without active content. `data` is the table of its note,
--- `seen` the identifiers that the note has so far, each with the last number added to it.
function M.blocks(blocks, data, seen)
  blocks = flavours.blocks(blocks)
  if next(data.embeds or {}) then blocks = with_places(blocks, data) end
  local raw = {} -- passing every list of elements to Lua costs half as much as all other changes together
  blocks:walk({ RawInline = function() raw.Inlines = html.inlines end, RawBlock = function() raw.Blocks = html.blocks end })
  if next(raw) then blocks = blocks:walk(raw) end
  blocks = blocks:walk({
    Link = function(link) return links.link(link, data) end,
    Image = function(image) return links.image(image, data) end,
    Span = function(span)
      local classes = span.classes:filter(function(class) return SPANS[class] end)
      local id = span.identifier
      if id ~= "" and (is_taken(id) or OWN[id]) then id = "" end
      if #classes == 0 and id == "" then return span.content end
      return pandoc.Span(span.content, pandoc.Attr(id, classes))
    end,
    Div = function(block) return div(block, data) end,
  })
  blocks = blocks:walk({
    Code = function(code)
      if #code.classes > 0 or #code.attributes > 0 or code.identifier ~= "" then return pandoc.Code(code.text) end
    end,
    Math = math_,
    Para = paragraph,
    Cite = function(cite) return cite.content end,
    Header = function(block)
      if block.classes[1] == "tw-callout-title" then return nil end
      block.attr = pandoc.Attr(block.identifier ~= "" and free(block.identifier, seen) or "")
      return block
    end,
    CodeBlock = function(block) return code_block(block, data) end,
    Figure = figure,
    Table = plain_table,
  })
  if next(data.images or {}) then
    blocks = blocks:walk({
      Image = function(image)
        image.attributes.sized = nil
        return image
      end,
    })
  end
  if next(data.locations or {}) then blocks = links.locations(blocks, data.locations) end
  if data.entities then blocks = without_hidden(blocks) end
  if data.guard then blocks = guarded(blocks) end
  if next(data.embeds or {}) then blocks = filled(blocks, data, seen) end
  return blocks
end

return M
