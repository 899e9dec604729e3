-- Converts raw HTML of a page, tag by tag, to nodes of the document tree. The result is well formed whatever the
-- page leaves open, and has only attributes that are named here.

local M = {}

local function set(names)
  local result = {}
  for name in names:gmatch("%S+") do result[name] = true end
  return result
end

local VOID = set("area base br col embed hr img input link meta param source track wbr")
--- Elements that end when another of their group begins.
local IMPLIED = {
  li = set("li"), dt = set("dt dd"), dd = set("dt dd"), td = set("td th"), th = set("td th"),
  tr = set("tr td th"), tbody = set("thead tbody tfoot tr td th"), thead = set("tr td th"),
  tfoot = set("thead tbody tfoot tr td th"), p = set("p"),
}
--- Elements beyond which an end tag does not match a start tag.
local BARRIER = set("table")
--- Elements that are replaced by their content.
local TRANSPARENT = set([[address article aside body center div figcaption figure font footer form header hgroup html
  label main nav p search section span tbody td tfoot th thead tr caption colgroup optgroup big picture]])
--- Inline elements that are kept, without attributes.
local KEPT = set("abbr bdi cite dfn ins kbd q samp small var")
local WRAPPED = {
  b = pandoc.Strong, strong = pandoc.Strong, i = pandoc.Emph, em = pandoc.Emph, u = pandoc.Underline,
  s = pandoc.Strikeout, del = pandoc.Strikeout, strike = pandoc.Strikeout,
  sup = pandoc.Superscript, sub = pandoc.Subscript,
  mark = function(content) return pandoc.Span(content, { class = "mark" }) end,
  code = function(content) return pandoc.Code(pandoc.utils.stringify(content)) end,
  tt = function(content) return pandoc.Code(pandoc.utils.stringify(content)) end,
}
--- Elements whose end tag shows nothing, even without a start.
local KNOWN = set([[a blockquote dd details dl dt h1 h2 h3 h4 h5 h6 li ol pre summary table td th tr ul]])
for _, names in ipairs({ VOID, TRANSPARENT, KEPT, WRAPPED }) do
  for name in pairs(names) do KNOWN[name] = true end
end
local MOST_COLUMNS = 200

--- Returns the tags, comments and text of raw HTML: a list of { kind, name, text }.
local function tokens(html)
  local list, at = {}, 1
  while at <= #html do
    local start = html:find("<", at, true)
    if start ~= at then
      table.insert(list, { kind = "text", text = html:sub(at, (start or 0) - 1) })
      if not start then break end
      at = start
    end
    local text = html:match("^<!%-%-.-%-%->", at)
    local close = not text and html:match("^</(%a[%w-]*)%s*>", at)
    local open = not text and not close and html:match("^<(%a[%w-]*)[^<>]*>", at)
    if text then
      table.insert(list, { kind = "comment", text = text })
    elseif close or open then
      text = html:match("^<[^<>]*>", at)
      table.insert(list, { kind = close and "close" or "open", name = (close or open):lower(), text = text })
    else
      text = html:match("^<[^<]*", at)
      table.insert(list, { kind = "text", text = text })
    end
    at = at + #text
  end
  return list
end

--- Returns a list of nodes as a tree: { name, tag, items, closed }, where an item is a node, a token or such a tree.
local function tree(list, raw)
  local root = { items = {} }
  local open = { root }
  local function add(item) table.insert(open[#open].items, item) end
  local function close()
    local frame = table.remove(open)
    add(frame)
  end
  local function end_tag(name)
    for level = #open, 2, -1 do
      if open[level].name == name then
        while #open > level do close() end
        open[level].closed = true
        close()
        return true
      end
      if BARRIER[open[level].name] then return false end
    end
    return false
  end
  for _, node in ipairs(list) do
    if node.t ~= raw then
      add(node)
    elseif not node.format:match("^html") then -- writers accept further names of HTML: `HTML`, `revealjs` …
      add(raw == "RawBlock" and pandoc.CodeBlock(node.text) or pandoc.Code(node.text))
    else
      for _, token in ipairs(tokens(node.text)) do
        if token.kind == "open" and not VOID[token.name] then
          local ends = IMPLIED[token.name]
          while ends and #open > 1 and ends[open[#open].name] do close() end
          table.insert(open, { name = token.name, tag = token.text, items = {} })
        elseif token.kind == "close" then
          if not end_tag(token.name) and not KNOWN[token.name] then add(token) end
        elseif token.kind ~= "comment" then
          add(token)
        end
      end
    end
  end
  while #open > 1 do close() end
  return root
end

--- Returns what pandoc reads in one tag: a link or an image with decoded attributes, or nil.
local function read_tag(tag, closing)
  local first = pandoc.read(tag .. closing, "html").blocks[1]
  return first and first.content and first.content[1]
end

-- Inlines ----------------------------------------------------------------------------------------------------

local inlines_of

local function inline_item(item, out)
  if item.t then
    local last = out[#out]
    if (item.t == "Space" or item.t == "SoftBreak") and last and last.t == "LineBreak" then return end
    if pandoc.utils.type(item) == "Block" then
      out:extend(pandoc.utils.blocks_to_inlines({ item }))
    else
      out:insert(item)
    end
  elseif item.items then
    out:extend(inlines_of(item))
  elseif item.kind == "open" and item.name == "br" then
    out:insert(pandoc.LineBreak())
  elseif item.kind == "open" and item.name == "wbr" then
    out:insert(pandoc.Str("\u{200b}"))
  elseif item.kind == "open" and item.name == "img" then
    local image = read_tag(item.text, "")
    if image and image.t == "Image" then
      out:insert(pandoc.Image(image.caption, image.src, "", { width = image.attributes.width, height = image.attributes.height }))
    end
  elseif item.kind == "open" and item.name == "hr" then
    out:insert(pandoc.LineBreak())
  else
    out:insert(pandoc.Str(item.text))
  end
end

function inlines_of(frame)
  local content = pandoc.Inlines({})
  for _, item in ipairs(frame.items) do inline_item(item, content) end
  local name = frame.name
  if not name or TRANSPARENT[name] then return content end
  if name == "a" then
    local link = read_tag(frame.tag, "x</a>")
    local id = link and (link.identifier ~= "" and link.identifier or link.attributes.name)
      or frame.tag:match("%s[nN][aA][mM][eE]%s*=%s*[\"']?([^%s\"'<>]+)") or ""
    if link and link.t == "Link" and link.target ~= "" then
      return { pandoc.Link(content, link.target, "", pandoc.Attr(id or "")) }
    end
    local anchor = pandoc.Inlines({ pandoc.Span({}, pandoc.Attr(id or "")) })
    anchor:extend(content)
    return anchor
  end
  if WRAPPED[name] and frame.closed then return { WRAPPED[name](content) } end
  if WRAPPED[name] or (KEPT[name] and not frame.closed) then return content end
  if KEPT[name] then
    content:insert(1, pandoc.RawInline("html", "<" .. name .. ">"))
    content:insert(pandoc.RawInline("html", "</" .. name .. ">"))
    return content
  end
  content:insert(1, pandoc.Str(frame.tag))
  if frame.closed then content:insert(pandoc.Str("</" .. name .. ">")) end
  return content
end

--- Returns inlines without raw HTML, except pairs of kept elements without attributes.
function M.inlines(list)
  for _, node in ipairs(list) do
    if node.t == "RawInline" then
      return pandoc.Inlines(inlines_of(tree(list, "RawInline")))
    end
  end
end

-- Blocks -----------------------------------------------------------------------------------------------------

local blocks_of

local function span(tag, name)
  local number = tonumber(tag:lower():match("%f[%w]" .. name .. "%s*=%s*[\"']?(%d+)") or 1)
  return math.max(1, math.min(MOST_COLUMNS, number))
end

--- Returns whether an element contains blocks at any depth.
local function holds_blocks(frame)
  for _, item in ipairs(frame.items) do
    if item.t and pandoc.utils.type(item) == "Block" or item.items and holds_blocks(item) then return true end
  end
  return false
end

--- Collects the rows of a table element, as lists of cells, and its other content.
local function rows_of(frame, rows, rest, in_head)
  for _, item in ipairs(frame.items) do
    local name = item.items and item.name
    if name == "tr" then
      local row = { head = in_head }
      for _, cell in ipairs(item.items) do
        if cell.items and (cell.name == "td" or cell.name == "th") then
          table.insert(row, cell)
        else
          table.insert(rest, cell)
        end
      end
      table.insert(rows, row)
    elseif name == "thead" or name == "tbody" or name == "tfoot" then
      rows_of(item, rows, rest, name == "thead")
    elseif name == "caption" then
      rest.caption = item
    elseif name == "td" or name == "th" then
      if not rows[#rows] then table.insert(rows, { head = in_head }) end
      table.insert(rows[#rows], item)
    elseif not (item.kind == "open" and item.name == "col") and name ~= "colgroup" then
      table.insert(rest, item)
    end
  end
end

local function cell_of(frame, strong)
  local content = blocks_of({ items = frame.items })
  if #content == 1 and content[1].t == "Para" then content[1] = pandoc.Plain(content[1].content) end
  if strong and #content == 1 and content[1].t == "Plain" and #content[1].content > 0 then
    content[1].content = { pandoc.Strong(content[1].content) }
  end
  return pandoc.Cell(content, pandoc.AlignDefault, span(frame.tag, "rowspan"), span(frame.tag, "colspan"))
end

local function table_of(frame)
  local rows, rest = {}, {}
  rows_of(frame, rows, rest, false)
  rows = pandoc.List(rows):filter(function(row) return #row > 0 end)
  local columns, cells = 0, 0
  for _, row in ipairs(rows) do
    local width = 0
    for _, cell in ipairs(row) do width = width + span(cell.tag, "colspan") end
    columns, cells = math.max(columns, width), cells + #row
  end
  local around = blocks_of({ items = rest })
  if columns == 0 then return around end
  if columns > MOST_COLUMNS or columns * #rows > 20 * cells + 100 then -- pandoc pads every row
    for _, row in ipairs(rows) do
      for _, cell in ipairs(row) do around:extend(blocks_of({ items = cell.items })) end
    end
    return around
  end
  local head, body = {}, {}
  for _, row in ipairs(rows) do
    local all = true
    for _, cell in ipairs(row) do all = all and cell.name == "th" end
    local in_head = #body == 0 and (row.head or all)
    local made = pandoc.List({})
    for _, cell in ipairs(row) do made:insert(cell_of(cell, not in_head and cell.name == "th")) end
    table.insert(in_head and head or body, pandoc.Row(made))
  end
  local specs = {}
  for _ = 1, columns do table.insert(specs, { pandoc.AlignDefault }) end
  local caption = rest.caption and blocks_of({ items = rest.caption.items }) or {}
  around:insert(1, pandoc.Table(
    { long = caption }, specs, pandoc.TableHead(head),
    { { attr = pandoc.Attr(), body = body, head = {}, row_head_columns = 0 } }, pandoc.TableFoot()))
  return around
end

local function items_of(frame, names)
  local list = {}
  for _, item in ipairs(frame.items) do
    if item.items and names[item.name] then
      table.insert(list, item)
    elseif list[1] then
      table.insert(list[#list].items, item)
    elseif item.t or item.items or (item.text or ""):match("%S") then
      table.insert(list, { name = next(names), items = { item } })
    end
  end
  return list
end

local CONVERT = {}

function CONVERT.table(frame) return table_of(frame) end

function CONVERT.ul(frame)
  local list = {}
  for _, item in ipairs(items_of(frame, { li = true })) do table.insert(list, blocks_of({ items = item.items })) end
  return #list > 0 and { pandoc.BulletList(list) } or {}
end

local STYLES = { a = "LowerAlpha", A = "UpperAlpha", i = "LowerRoman", I = "UpperRoman" }

function CONVERT.ol(frame)
  local list = CONVERT.ul(frame)[1]
  local start = frame.tag:match("%sstart%s*=%s*[\"']?(%d+)")
  local style = frame.tag:match("%stype%s*=%s*[\"']?(%a)")
  local number = start and tonumber(start:sub(1, 6)) or 1
  local attributes = pandoc.ListAttributes(number, STYLES[style or ""] or "DefaultStyle", "DefaultDelim")
  return list and { pandoc.OrderedList(list.content, attributes) } or {}
end

function CONVERT.dl(frame)
  local list, terms = {}, nil
  for _, item in ipairs(items_of(frame, { dt = true, dd = true })) do
    local content = blocks_of({ items = item.items })
    if item.name == "dt" or not terms then
      terms = { pandoc.utils.blocks_to_inlines(item.name == "dt" and content or {}), {} }
      table.insert(list, terms)
    end
    if item.name ~= "dt" then table.insert(terms[2], content) end
  end
  return #list > 0 and { pandoc.DefinitionList(list) } or {}
end

function CONVERT.blockquote(frame)
  return { pandoc.BlockQuote(blocks_of({ items = frame.items })) }
end

function CONVERT.summary(frame)
  local content = blocks_of({ items = frame.items })
  return { pandoc.RawBlock("html", "<summary>"),
    pandoc.Plain(pandoc.utils.blocks_to_inlines(content)), pandoc.RawBlock("html", "</summary>") }
end

function CONVERT.details(frame)
  local content = blocks_of({ items = frame.items })
  if not frame.closed then return content end
  content:insert(1, pandoc.RawBlock("html", "<details>"))
  content:insert(pandoc.RawBlock("html", "</details>"))
  return content
end

--- Appends the text of an element's content. Tags in it are only words if nobody knows them.
local function add_text(frame, parts)
  for _, item in ipairs(frame.items) do
    if item.items then
      if not KNOWN[item.name] then table.insert(parts, (item.tag:gsub("<", "&lt;"))) end
      add_text(item, parts)
    elseif item.name == "br" then
      table.insert(parts, "\n")
    elseif not KNOWN[item.name] then
      table.insert(parts, ((item.text or pandoc.utils.stringify(item)):gsub("<", "&lt;")))
    end
  end
end

function CONVERT.pre(frame)
  local parts = {}
  add_text(frame, parts)
  local read = pandoc.read("<pre>" .. table.concat(parts) .. "</pre>", "html").blocks
  return { pandoc.CodeBlock(read[1] and read[1].text or "") }
end

for level = 1, 6 do
  CONVERT["h" .. level] = function(frame)
    local content = pandoc.utils.blocks_to_inlines(blocks_of({ items = frame.items }))
    return { pandoc.Para({ pandoc.Strong(content) }) }
  end
end

function blocks_of(frame)
  local out = pandoc.Blocks({})
  for _, item in ipairs(frame.items) do
    if item.t then
      out:insert(item)
    elseif item.items then
      local convert = CONVERT[item.name]
      if convert then
        out:extend(convert(item))
      elseif TRANSPARENT[item.name] then
        out:extend(blocks_of(item))
      else -- an inline element, or active content
        if not holds_blocks(item) then
          out:insert(pandoc.Plain(inlines_of({ items = { item } })))
        else
          if not (WRAPPED[item.name] or KEPT[item.name] or item.name == "a") then out:insert(pandoc.Plain({ pandoc.Str(item.tag) })) end
          out:extend(blocks_of({ items = item.items }))
        end
      end
    elseif item.kind == "open" and item.name == "hr" then
      out:insert(pandoc.HorizontalRule())
    elseif (item.text or ""):match("%S") then
      local content = pandoc.Inlines({})
      inline_item(item, content)
      out:insert(pandoc.Plain(content))
    end
  end
  return out
end

--- Returns blocks without raw HTML, except details and summaries without attributes.
function M.blocks(list)
  for _, node in ipairs(list) do
    if node.t == "RawBlock" then
      return blocks_of(tree(list, "RawBlock"))
    end
  end
end

return M
