-- Notes to HTML bodies, many in one process: run with `pandoc lua bodies.lua READER`.
-- Standard input names a .qmd per line; standard output answers each with one line of JSON:
-- {path, title, pagetitle, subtitle, description, categories, aliases, modified, body, toc}.
-- The touches below are those that Quarto gives the same Markdown.

local reader = arg[1]
local figures = dofile((arg[0]:gsub("[^/\\]*$", "figures.lua")))
local by_hand = dofile((arg[0]:gsub("[^/\\]*$", "byhand.lua")))
local options = pandoc.WriterOptions({
  html_math_method = "mathml",
  section_divs = true,
  wrap_text = "none",
})

-- Renamed in pandoc 3.8.
if not pcall(function() options.highlight_method = "default" end) then
  options.highlight_style = "pygments"
end

local CALLOUTS = { note = "Note", tip = "Tip", warning = "Warning", important = "Important", caution = "Caution" }

--- Takes away the braces that keep Quarto from seeing shortcodes and cells in code.
local function unguarded(text)
  text = ("\n" .. text):gsub("(\n%s*```+%s*){({+[^{}\n]*}+)}", "%1%2"):sub(2)
  return (text:gsub("({{+){<", "%1<"):gsub(">(}}+)}", ">%1"))
end

--- `{python}` and `{mermaid}` are cells to Quarto; here their source is shown.
local function code_block(block)
  local class = block.classes[1] or ""
  local language = class:match("^{(%w+)") or class
  if language ~= class then
    block.classes[1] = language
  end
  block.text = unguarded(block.text)
  return block
end

local function code(inline)
  local text = inline.text:gsub("^{{(%a[%w_.-]*)}}(%s)", "{%1}%2")
  inline.text = unguarded((text:gsub("^({{+){([^{<].-)(}}+)}", "%1%2%3")))
  return inline
end

local function div(block)
  for name, title in pairs(CALLOUTS) do
    if block.classes:includes("callout-" .. name) then
      local heading = block.attributes.title or title
      local first = block.content[1]
      if not block.attributes.title and first and first.t == "Header" then
        heading = pandoc.utils.stringify(first)
        block.content:remove(1)
      end
      local head = pandoc.Div({ pandoc.Plain({ pandoc.Str(heading) }) }, { class = "callout-header" })
      local body = pandoc.Div(block.content, { class = "callout-body" })
      return pandoc.Div({ head, body }, { class = "callout callout-" .. name, role = "note" })
    end
  end
end

--- Notes link to notes; pages link to pages.
local function link(inline)
  if not inline.target:match("^%a[%w+.-]*:") then
    inline.target = inline.target:gsub("%.qmd$", ".html"):gsub("%.qmd#", ".html#")
  end
  return inline
end

local function html(blocks)
  return pandoc.write(pandoc.Pandoc(blocks), "html", options)
end

local function contents(doc)
  local entries = pandoc.List({})
  for _, block in ipairs(doc.blocks) do
    if block.t == "Header" and block.level <= 3 and block.identifier ~= "" then
      local label = html({ pandoc.Plain(block.content:walk({
        Link = function(inner) return inner.content end,
        Note = function() return {} end,
      })) })
      entries:insert({ level = block.level, id = block.identifier, label = label })
    end
  end
  return entries
end

local function texts(value)
  local list = pandoc.List({})
  for _, item in ipairs(value or {}) do
    list:insert(pandoc.utils.stringify(item))
  end
  return list
end

local function render(path)
  local file = assert(io.open(path, "r"))
  local text = file:read("a")
  file:close()
  local doc = pandoc.read(text, reader)
  doc = figures.draft(doc)
  local side = io.open(path .. ".json", "r") -- what the prebuild has resolved for a hand-written note
  if side then
    doc = by_hand.complete(doc, pandoc.json.decode(side:read("a"), false))
    side:close()
  end
  local toc = contents(doc)
  doc = doc:walk({ CodeBlock = code_block, Code = code, Div = div, Link = link })
  local meta = doc.meta
  local function shown(name)
    return meta[name] and html({ pandoc.Plain(pandoc.Inlines(meta[name])) }) or ""
  end
  return {
    path = path,
    title = shown("title"),
    subtitle = shown("subtitle"),
    pagetitle = pandoc.utils.stringify(meta.title or ""),
    description = pandoc.utils.stringify(meta["description-meta"] or ""),
    categories = texts(meta.categories),
    aliases = texts(meta.aliases),
    modified = pandoc.utils.stringify(meta["date-modified"] or ""),
    body = html(doc.blocks),
    toc = toc,
  }
end

for path in io.lines() do
  io.write(pandoc.json.encode(render(path)), "\n")
  io.flush()
end
