-- Imitates Quarto's output for the constructs that generated notes are known to use. A note with any other
-- construct is left to Quarto; `M.blocks` returns the construct.
-- Every run verifies the imitation by comparing pages with Quarto's own (scripts/typedwiki/render/quarto_pages.py).

local M = {}

local CALLOUTS = { note = "Note", tip = "Tip", warning = "Warning", important = "Important", caution = "Caution" }
local DRAWN = { mermaid = 1, dot = 1, ojs = 1 } -- languages that Quarto draws
local META = {
  engine = 1, aliases = true, title = 1, ["description-meta"] = 1, ["date-modified"] = 1, categories = 1,
  image = 1, ["open-graph"] = 1, ["twitter-card"] = 1,
}
local DIV = { role = 1, ["aria-label"] = 1 }
local SPAN = { ["aria-current"] = 1, title = 1 }
local LINK = { download = 1 }

--- Returns whether an element has only our classes, and only allowed attributes.
local function ours(attr, allowed)
  for _, class in ipairs(attr.classes) do
    if not class:match("^tw%-") and class ~= "uri" and class ~= "email" and class ~= "mark" then return false end -- from pandoc, for addresses in <>
  end
  for name in pairs(attr.attributes) do
    if not allowed[name] then return false end
  end
  return attr.identifier == ""
end

local RAW_INLINE, RAW_BLOCK, VOID = {}, { details = 1, summary = 1 }, { br = 1, wbr = 1, hr = 1, img = 1, input = 1, col = 1 }
for name in ("abbr b bdi big br cite code del dfn em i ins kbd mark q s samp small strike strong sub sup tt u var wbr"):gmatch("%a+") do
  RAW_INLINE[name] = 1
end

--- Returns whether HTML is one tag without attributes whose name is in a list.
local function known_tag(html, names)
  local name = html:match("^</?(%a+) ?/?>%s*$")
  return name and names[name:lower()]
end

--- Returns whether HTML is properly nested; if not, a browser changes its structure.
local function nested(html)
  local open = {}
  html = html:gsub("=%b''", "="):gsub('=%b""', "=") -- values of attributes
  for slash, name in html:gmatch("<(/?)(%a%w*)") do
    if slash == "" then
      if not VOID[name] then table.insert(open, name) end
    elseif table.remove(open) ~= name then
      return false
    end
  end
  return #open == 0
end

local function div(class, content)
  return pandoc.Div(content, pandoc.Attr("", pandoc.List(class:gmatch("%S+"))))
end

local function raw(html)
  return pandoc.RawBlock("html", html)
end

--- Returns a callout's type, if a Div is one.
local function callout_type(block)
  return #block.classes == 1 and block.classes[1]:match("^callout%-(%a+)$")
end

local function callout(block, kind)
  local title, content = block.attributes.title, pandoc.Blocks(block.content)
  local inlines
  if title then
    inlines = pandoc.Inlines({ pandoc.Str(title) })
  elseif content[1] and content[1].t == "Header" then
    inlines = content[1].content
    content:remove(1)
  end
  if inlines and pandoc.utils.stringify(inlines) ~= "" then
    inlines:insert(1, pandoc.Span({ pandoc.Str(CALLOUTS[kind]) }, { class = "screen-reader-only" }))
  else
    inlines = pandoc.Inlines({ pandoc.Str(CALLOUTS[kind]) })
  end
  local empty = #content == 0 and " callout-empty-content" or ""
  local shown = div("callout callout-style-default callout-" .. kind .. empty .. " callout-titled", {
    div("callout-header d-flex align-content-center", {
      div("callout-icon-container", { raw('<i class="callout-icon"></i>') }),
      div("callout-title-container flex-fill", { pandoc.Plain(inlines) }),
    }),
    div("callout-body-container callout-body", content),
  })
  shown.attributes.title = title
  return shown
end

--- Returns an image alone in its paragraph as a figure.
local function figure(block)
  local image = block.content[1] and block.content[1].content and block.content[1].content[1]
  if #block.content ~= 1 or not image or image.t ~= "Image" or #block.content[1].content ~= 1 then
    return nil
  end
  local caption = pandoc.utils.blocks_to_inlines(block.caption.long)
  image.caption = {}
  image.attributes.alt = #caption > 0 and pandoc.utils.stringify(caption) or nil -- as after.lua does
  image.classes = { "img-fluid", "figure-img" }
  local shown = pandoc.Blocks({ raw('<figure class="figure">'), pandoc.Para({ image }) })
  if #caption > 0 then
    caption:insert(1, pandoc.RawInline("html", "<figcaption>"))
    caption:insert(pandoc.RawInline("html", "</figcaption>"))
    shown:insert(pandoc.Plain(caption))
  end
  shown:insert(raw("</figure>"))
  return div("quarto-figure quarto-figure-center", shown)
end

local function rows(list, first)
  for number, row in ipairs(list) do
    row.classes:insert(number % 2 == 0 and "even" or first)
  end
end

local function table_(block)
  rows(block.head.rows, "header")
  for _, body in ipairs(block.bodies) do rows(body.body, "odd") end
  rows(block.foot.rows, "odd")
  local linked = false
  block:walk({ Link = function() linked = true end })
  if linked then -- the width of the text does not determine that of the column
    block.colspecs = block.colspecs:map(function(column) return { column[1], nil } end)
  end
  block.classes:insert("caption-top")
  if block.bodies[1] and block.bodies[1].body[1] then block.classes:insert("table") end
  return block
end

--- Returns the document as Quarto's filters leave it; its unknown construct, or nil; and the constructs in it
--- that options of a site may change. ``holds`` returns whether the note contains a text.
function M.blocks(doc, holds)
  local odd, uses = nil, {}
  local function unknown(what) odd = odd or what end
  local function use(what) uses[what] = true end
  for name in pairs(doc.meta) do
    if not META[name] then unknown("the field `" .. name .. "`") end
  end
  if doc.meta["description-meta"] and pandoc.utils.stringify(doc.meta["description-meta"]):find('"', 1, true) then
    unknown("a quotation mark in the description") -- would end the attribute
  end
  if not doc.blocks[1] or doc.blocks[1].t ~= "Div" then unknown("no block above the first section") end
  local top = 0
  for _, block in ipairs(doc.blocks) do
    if block.t == "Header" then top = top + 1 end
  end
  local function never(what)
    return function() unknown(what) end
  end
  local filter = {
    Header = function(block)
      top = top - 1
      if block.classes[1] == "tw-callout-title" then return end
      if #block.classes > 0 or #block.attributes > 0 or block.identifier == "" then unknown("a heading with attributes") end
      if block.identifier:match("^%a+%-") and block.identifier:match("^fig%-") then unknown("a cross-reference") end
    end,
    Div = function(block)
      local kind = callout_type(block)
      if kind and CALLOUTS[kind] then
        local attributes = block.attr.attributes
        for name, value in pairs(attributes) do
          if name ~= "title" or value:match("[^%w%s.,:-]") then unknown("a callout with options") end
        end
        if block.content[1] and block.content[1].t == "Header" and not block.attributes.title then top = top + 1 end
        use("callout")
        return callout(block, kind)
      end
      if not ours(block.attr, DIV) then unknown("a block with attributes") end
    end,
    Span = function(span)
      if not ours(span.attr, SPAN) then unknown("text with attributes") end
    end,
    Link = function(link)
      if not ours(link.attr, LINK) then unknown("a link with attributes") end
      local path = link.target:gsub("[#?].*", "")
      if not path:match("^%a[%w+.-]*:") and (path:match("^/") or path:match("%.%a*md$") and not path:match("^%.%./assets/") or path:match("%.ipynb$")) then
        unknown("a link to a source")
      end
    end,
    Image = function(image)
      use("image")
      if image.identifier ~= "" or #image.attributes > 0 or image.src:match("^/") then unknown("an image with attributes") end
      for _, class in ipairs(image.classes) do
        if class ~= "img-fluid" and class ~= "figure-img" then unknown("an image with attributes") end
      end
      if not image.classes:includes("img-fluid") then
        image.classes:insert("img-fluid")
        return image
      end
    end,
    Figure = function(block)
      local shown = block.identifier == "" and figure(block)
      if not shown then unknown("a figure") end
      return shown or nil
    end,
    CodeBlock = function(block)
      local class = block.classes[1] or ""
      use("code")
      if #block.classes > 1 or #block.attributes > 0 or block.identifier ~= "" or DRAWN[class] or class:match("[{}=]") then
        unknown("code with options")
      end
      if block.text:match("<%d+>%s*\n") or block.text:match("<%d+>%s*$") then unknown("code with annotations") end
      return block
    end,
    -- A note has many of these, and each call is slow.
    Code = holds("`{") and function(inline)
      if #inline.attributes > 0 or #inline.classes > 0 then unknown("inline code with attributes") end
    end or nil,
    RawBlock = function(block)
      if block.format == "html" and known_tag(block.text, RAW_BLOCK) then
        use("raw")
      elseif block.format ~= "html" or not block.text:match('^<div class="tw%-[^<>]*>') then
        unknown("raw HTML")
      end
    end,
    RawInline = function(inline)
      use("raw")
      if inline.format ~= "html" or not known_tag(inline.text, RAW_INLINE) then unknown("raw HTML") end
    end,
    Table = function(block)
      use("table")
      if #block.caption.long > 0 or block.identifier ~= "" or #block.classes > 0 then unknown("a table with a caption") end
      return table_(block)
    end,
    Math = function(math)
      use("math")
      if math.text:match("\\label") then unknown("a numbered formula") end
    end,
    Note = function() use("footnote") end,
    DefinitionList = never("a definition list"),
    LineBlock = never("a line block"),
    Cite = never("a citation"),
    Quoted = never("smart quotes"),
    SmallCaps = never("small capitals"),
  }
  doc = doc:walk(filter)
  if top ~= 0 then unknown("a heading within another block") end
  return doc, odd, uses
end

--- Returns whether a browser keeps the structure of pages with this HTML.
function M.sound(body)
  return nested((body:gsub("<math.-</math>", "")))
end

local IN_ATTRIBUTES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

--- Decodes an address like JavaScript's decodeURI: reserved characters stay encoded.
local function decoded(address)
  return (address:gsub("%%(%x%x)", function(digits)
    local character = string.char(tonumber(digits, 16))
    if character:find("[;/?:@&=+$,#]") then return nil end
    return IN_ATTRIBUTES[character] or character
  end))
end

--- Applies Quarto's changes to pandoc's HTML.
function M.html(body)
  if body:find('class="tw-domain"', 1, true) then
    body = body:gsub('(<a href=")([^"]*)("%s+class="tw%-domain")', function(before, address, after)
      return before .. decoded(address) .. after
    end)
  end
  if body:find('<div class="sourceCode"', 1, true) then
    body = body:gsub('<div class="sourceCode" id="(cb%d+)"><pre%s+class="(sourceCode[^"]*)">',
      '<div class="code-copy-outer-scaffold"><div class="sourceCode" id="%1"><pre class="%2 code-with-copy">')
    body = body:gsub("</code></pre></div>",
      '</code></pre></div><button title="Copy to Clipboard" class="code-copy-button"><i class="bi"></i></button></div>')
  end
  body = body:gsub('(<section id="([^"]+)" class="level[2-6]">\n<h[2-6])>', '%1 class="anchored" data-anchor-id="%2">')
  if body:find("<blockquote>", 1, true) then
    body = body:gsub("<blockquote>", '<blockquote class="blockquote">')
  end
  if body:find('<table class="caption-top table" style', 1, true) then
    body = body:gsub('(<table class="caption%-top table") style="[^"]*"', "%1")
  end
  local start = body:find('<section id="footnotes"', 1, true)
  if not start then
    return body, ""
  end
  return body:sub(1, start - 1), (body:sub(start):gsub("<hr />", "", 1))
end

--- Returns the entries of the table of contents, as on Quarto's pages.
function M.contents(list, depth)
  local count, level = 0, 0
  list = list:gsub('<a%s+href="([^"]*)"%s+id="([^"]*)">', function(href, id)
    count = count + 1
    return '<a href="' .. href .. '" id="' .. id .. '" class="nav-link' .. (count == 1 and " active" or "")
      .. '" data-scroll-target="' .. href:gsub(":", "\\:") .. '">'
  end)
  return (list:gsub("</?ul>", function(tag)
    level = level + (tag == "<ul>" and 1 or -1)
    if tag == "<ul>" and depth > 1 and level >= depth - 1 then return '<ul class="collapse">' end
  end))
end

return M
